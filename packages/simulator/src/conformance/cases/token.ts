// The token on every call.
import { randomUuid } from '../../call/resolve-options.ts';
import { HEALTH_CHECK } from '../../wire/methods.ts';
import { parseTarget } from '../../wire/target.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { mustBeOk, mustEndWith, PERMISSION_DENIED, UNAUTHENTICATED } from '../expect/status.ts';
import { must } from '../probe/case-failure.ts';
import type { Probe } from '../probe/probe.ts';
import { summary } from '../probe/probe-rpc.ts';
import { createForeignKey, type HostileToken, hostileTokens } from '../token/hostile-tokens.ts';
import { type IssuerTrap, openIssuerTrap } from '../token/issuer-trap.ts';
import { organizationOf, readToken } from '../token/token-claims.ts';

/** How long a fetch of keys may take to arrive. */
const FETCH_MS = 500;
/** How long a server may take to refuse before it has read a message. */
const SILENT_MS = 2000;

const NOT_TRIED =
  'tokens with a good signature that are expired, or for another url or schema: only their issuer can sign them; --bad-token takes some';

async function refused(
  probe: Probe,
  name: string,
  authorization: string | null,
  options: { readonly organization?: string; readonly codes?: readonly number[] } = {},
): Promise<string> {
  const { codes = [UNAUTHENTICATED], organization } = options;
  probe.remark(`with ${name}`);
  const conversation = probe.conversation({ authorization, ...(organization === undefined ? {} : { organization }) });
  const answer = await conversation.once({ event: 'session_start' });
  mustEndWith(answer, codes, `A call with ${name}`);
  must(
    answer.received.length === 0,
    `A call with ${name} must have no response; ${summary(answer.received, undefined)}.`,
  );
  return answer.details;
}

/** A client that has sent no message yet is refused as well: nothing of its call may be read first. */
async function refusedBeforeMessages(probe: Probe): Promise<void> {
  probe.remark('with garbage, and no message sent');
  const rpc = probe.conversation({ authorization: 'Bearer garbage' }).open();
  const what = 'A call with garbage, on which no message has been sent,';
  mustEndWith(await rpc.finished(SILENT_MS, what), [UNAUTHENTICATED], what);
}

async function accepted(probe: Probe, name: string, authorization: string): Promise<void> {
  probe.remark(`with ${name}`);
  const answer = await probe.conversation({ authorization }).once({ event: 'session_start' });
  mustBeOk(answer, `A call with ${name}`);
}

async function checkHostile(
  probe: Probe,
  token: string,
  trap: IssuerTrap,
  hostile: readonly HostileToken[],
): Promise<void> {
  const texts = new Map<string, string>();
  for (const { name, token: bad } of hostile) texts.set(await refused(probe, name, `Bearer ${bad}`), name);
  const [one, other] = [...texts];
  await probe.advise('TOKEN_TEXT', () => {
    if (one === undefined || other === undefined) return;
    const told = `${JSON.stringify(one[0])} for ${one[1]}, ${JSON.stringify(other[0])} for ${other[1]}`;
    must(false, `Every bad token is best refused with the same text, or it tells which check failed: ${told}.`);
  });
  await probe.sleep(FETCH_MS);
  await probe.advise('TOKEN_ISSUER_FETCH', () => {
    const [first] = trap.requests;
    const reason = `The server fetched ${first} from the issuer that a token named, which it does not know.`;
    must(first === undefined, reason);
  });
  if (organizationOf(token) === undefined) {
    probe.note('an organization that is not the one of the token: the token names none');
    return;
  }
  const organization = randomUuid(probe.settings.random);
  const codes = [PERMISSION_DENIED, UNAUTHENTICATED];
  await probe.advise('TOKEN_ORGANIZATION', async () => {
    await refused(probe, 'the token of another organization', `Bearer ${token}`, { organization, codes });
  });
}

export const TOKEN_CASES: readonly ConformanceCase[] = [
  {
    id: 'C21',
    kind: 'contract',
    source: 'token',
    title: 'the token on every call',
    sends:
      'SESSION_START with no token; garbage; alg none; HS256; a changed signature; a wrong key; expired; no exp; a foreign issuer; a wrong url; a wrong schema; another organization; then the given token, bare and as Bearer; Health Check without one',
    expects:
      'UNAUTHENTICATED and no response; both good forms pass (advice: refused before a message is read, one text for all, no fetch from the foreign issuer, another organization refused with PERMISSION_DENIED or UNAUTHENTICATED, Health Check passes)',
    holdsFor: 'every',
    needsToken: true,
    limitMs: 30_000,
    replies: 3,
    async run(probe) {
      const { token = '', badTokens, target } = probe.settings;
      const key = await createForeignKey();
      const trap = await openIssuerTrap(key, readToken(token)?.header['kid']);
      try {
        await accepted(probe, 'the bare token', token);
        await accepted(probe, 'the token as Bearer', `Bearer ${token}`);
        await refused(probe, 'no token', null);
        await probe.advise('TOKEN_BEFORE_MESSAGES', () => refusedBeforeMessages(probe));
        const given = badTokens.map((bad, index) => ({ name: `bad token ${index + 1} of those given`, token: bad }));
        await checkHostile(probe, token, trap, [...hostileTokens(token, trap.issuer, key), ...given]);
        if (given.length === 0) probe.note(NOT_TRIED);
      } finally {
        trap.close();
      }
      const local = /^(localhost|127\.|\[::1\])/.test(parseTarget(target).address);
      if (!local)
        probe.note('that no key is fetched from a foreign issuer: the server would have to run on this machine');
      await probe.advise('HEALTH_WITHOUT_TOKEN', async () => {
        const health = await probe.ask(HEALTH_CHECK, { service: '' }, { authorization: null });
        mustBeOk(health, 'Health Check without a token');
      });
    },
  },
];
