// Refreshes tokens, and looks twice before it takes a refresh token for dead.
import type { HttpClient } from '../http/http-client.ts';
import { type ClientCredentials, DeadRefreshToken, refreshTokens } from '../oauth/token-endpoint.ts';
import type { WallClock } from '../time/clock.ts';
import { wait } from '../time/wait.ts';
import type { Credential } from './credential.ts';
import { type TokenSet, toTokenSet } from './token-set.ts';

/** How often, and how long apart, the store is looked at for what another process is about to write. */
const LOOKS = 5;
const LOOK_MS = 100;

/**
 * New tokens for old ones.
 *
 * A process that was stalled for longer than its lease may have been first all the same: its rotated token kills ours, and
 * its tokens are in the store a moment later. Only when none come is a refused refresh token dead.
 */
export async function refreshOrAdopt(
  before: TokenSet & { readonly refreshToken: string },
  context: {
    readonly http: HttpClient;
    readonly client: ClientCredentials;
    readonly credential: Credential;
    readonly clock: WallClock;
    readonly signal: AbortSignal;
  },
): Promise<TokenSet | DeadRefreshToken> {
  const { http, client, credential, clock, signal } = context;
  const answer = await refreshTokens(http, client, before.refreshToken, signal);
  if (!(answer instanceof DeadRefreshToken)) return toTokenSet(answer, clock.now(), before);
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const tokens = (await credential.read()).record?.tokens;
    if (tokens?.refreshToken !== undefined && tokens.refreshToken !== before.refreshToken) return tokens;
    await wait(clock, LOOK_MS, signal);
  }
  return answer;
}
