// The device grant, for a machine without a browser. Pending is 428 at Webex, not 400; webex/rest.md 1.1.
import { z } from 'zod';
import { AuthorizationRefusedError, AuthorizationTimeoutError } from '../errors/authorization-errors.ts';
import { ValidationError, WebexError } from '../errors/webex-errors.ts';
import type { HttpClient } from '../http/http-client.ts';
import { optionalText } from '../http/peer-values.ts';
import type { WallClock } from '../time/clock.ts';
import { wait } from '../time/wait.ts';
import { type TokenResponse, tokenResponseSchema } from '../tokens/token-set.ts';
import type { ClientCredentials } from './token-endpoint.ts';

/** A person is not waited for longer, whatever lifetime the code is said to have; Webex says 300 s. */
const MAX_LIFETIME_S = 3600;
const DEFAULT_INTERVAL_S = 2;
/** An interval of 0 would send requests without a pause. */
const MIN_INTERVAL_S = 1;

const deviceSchema = z.object({
  device_code: z.string().min(1),
  user_code: z.string().min(1),
  verification_uri: z.string().min(1),
  verification_uri_complete: optionalText,
  expires_in: z
    .number()
    .positive()
    .transform((seconds) => Math.min(seconds, MAX_LIFETIME_S)),
  interval: z
    .number()
    .nullish()
    .transform((seconds) => Math.max(seconds ?? DEFAULT_INTERVAL_S, MIN_INTERVAL_S)),
});

/** What a person has to do on another device. */
export interface DevicePrompt {
  /** The code to type in. */
  readonly userCode: string;
  /** Where. */
  readonly verificationUri: string;
  /** The same with the code filled in, when Webex gives it. */
  readonly verificationUriComplete: string | undefined;
  /** Ms since 1970 until which the code is good. */
  readonly expiresAt: number;
}

/** RFC 8628 3.5. */
const SLOW_DOWN_MS = 5000;

export async function runDeviceGrant(
  http: HttpClient,
  client: ClientCredentials,
  options: {
    readonly scopes: readonly string[];
    readonly onPrompt: (prompt: DevicePrompt) => void;
    readonly clock: WallClock;
    readonly signal: AbortSignal | undefined;
  },
): Promise<TokenResponse> {
  const { clock, signal } = options;
  const { data: device } = await http.request({
    method: 'POST',
    path: '/device/authorize',
    authorization: 'none',
    form: { client_id: client.clientId, scope: options.scopes.join(' ') },
    schema: deviceSchema,
    signal,
  });
  const expiresAt = clock.now() + device.expires_in * 1000;
  options.onPrompt({
    userCode: device.user_code,
    verificationUri: device.verification_uri,
    verificationUriComplete: device.verification_uri_complete,
    expiresAt,
  });
  let intervalMs = device.interval * 1000;
  while (clock.now() + intervalMs < expiresAt) {
    await wait(clock, intervalMs, signal);
    try {
      const { data } = await http.request({
        method: 'POST',
        path: '/device/token',
        authorization: client,
        form: {
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          device_code: device.device_code,
          client_id: client.clientId,
        },
        secrets: [device.device_code],
        schema: tokenResponseSchema,
        signal,
      });
      return data;
    } catch (error) {
      const answer = readAnswer(error);
      if (answer === 'expired_token') throw new AuthorizationTimeoutError();
      if (answer === 'slow_down') intervalMs += SLOW_DOWN_MS;
      else if (answer !== 'pending') throw answer === undefined ? error : new AuthorizationRefusedError(answer);
    }
  }
  throw new AuthorizationTimeoutError();
}

/** The OAuth code of an answer, where it is one; `pending` also for a call that may just be repeated. */
function readAnswer(error: unknown): string | undefined {
  if (!(error instanceof WebexError)) return undefined;
  if (error.status === 428 || error.retryable) return 'pending';
  const code =
    /\b(slow_down|authorization_pending|access_denied|expired_token|tokenlimit_reached|invalid_grant)\b/.exec(
      error.serverMessage ?? '',
    )?.[1];
  if (code === 'authorization_pending') return 'pending';
  return error instanceof ValidationError ? code : undefined;
}
