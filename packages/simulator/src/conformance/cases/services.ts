// The list of agents, and health.

import {
  CISCO_HEALTH_CHECK,
  HEALTH_CHECK,
  HEALTH_WATCH,
  type Health,
  LIST_AGENTS,
  VOICE_SERVICE,
  type WireMethod,
} from '../../wire/methods.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { mustBeOk, mustEndWith, NOT_FOUND, UNAUTHENTICATED } from '../expect/status.ts';
import { must } from '../probe/case-failure.ts';
import type { Probe } from '../probe/probe.ts';
import { describeStatus } from '../probe/probe-rpc.ts';

const UNKNOWN_SERVICE = 'nope';
const WATCH_MS = 2000;
const STAYS_OPEN_MS = 500;

async function checkList(probe: Probe, organization: string): Promise<void> {
  const what = organization === '' ? 'ListVirtualAgents without an organization' : 'ListVirtualAgents';
  const answer = await probe.ask(LIST_AGENTS, { organization });
  mustBeOk(answer, what);
  const agents = answer.received[0]?.response ?? [];
  must(agents.length > 0, `${what} lists no agent.`);
  const ids = new Set(agents.map(({ id }) => id));
  must(ids.size === agents.length && !ids.has(''), `${what} has an id that is empty or there twice.`);
  must(
    agents.every(({ name }) => name !== ''),
    `${what} has an agent without a name.`,
  );
  await probe.advise('DEFAULT_AGENT', () => {
    const defaults = agents.filter(({ isDefault }) => isDefault).length;
    must(defaults === 1, `${what} has ${defaults} default agents; exactly one is good.`);
  });
}

async function mustServe(
  probe: Probe,
  method: WireMethod<{ readonly service: string }, Health>,
  service: string,
): Promise<void> {
  // A probe of a load balancer has no token.
  const answer = await probe.ask(method, { service }, { authorization: null });
  const what = `${method.path.slice(1)} of "${service}"`;
  mustBeOk(answer, what);
  const status = answer.received[0]?.response;
  must(status === 'SERVING', `${what} must say SERVING; it says ${status ?? 'nothing'}.`);
}

export const SERVICE_CASES: readonly ConformanceCase[] = [
  {
    id: 'C22',
    kind: 'contract',
    source: 'agents',
    title: 'the list of agents',
    sends: 'ListVirtualAgents with an organization, and as an empty request; where tokens are used, without one',
    expects: 'all agents: unique ids, names (advice: exactly one default); without a token UNAUTHENTICATED',
    holdsFor: 'every',
    limitMs: 10_000,
    replies: 3,
    async run(probe) {
      await checkList(probe, probe.settings.organization);
      await checkList(probe, '');
      if (probe.settings.token === undefined) {
        probe.note('that the list needs a token: needs --token');
        return;
      }
      const { organization } = probe.settings;
      const stranger = await probe.ask(LIST_AGENTS, { organization }, { authorization: null });
      mustEndWith(stranger, [UNAUTHENTICATED], 'ListVirtualAgents without a token', 'TOKEN_MISSING');
    },
  },
  {
    id: 'C23',
    kind: 'advice',
    title: 'health',
    sends: `grpc.health.v1 Check of "", of ${VOICE_SERVICE} and of "${UNKNOWN_SERVICE}"; Watch of "" and of "${UNKNOWN_SERVICE}"; Cisco's Health Check`,
    expects:
      'SERVING; SERVING; NOT_FOUND; SERVING; SERVICE_UNKNOWN on a stream that stays open; SERVING; all without a token',
    holdsFor: 'every',
    limitMs: 15_000,
    replies: 4,
    inside: 'that Watch says NOT_SERVING and new calls are refused while the server drains: somebody has to stop it',
    async run(probe) {
      await mustServe(probe, HEALTH_CHECK, '');
      await mustServe(probe, HEALTH_CHECK, VOICE_SERVICE);
      const unknown = await probe.ask(HEALTH_CHECK, { service: UNKNOWN_SERVICE }, { authorization: null });
      mustEndWith(unknown, [NOT_FOUND], `Check of "${UNKNOWN_SERVICE}"`);
      for (const [service, expected] of [
        ['', 'SERVING'],
        [UNKNOWN_SERVICE, 'SERVICE_UNKNOWN'],
      ] as const) {
        const watch = probe.open(HEALTH_WATCH, { authorization: null });
        watch.send({ service });
        watch.halfClose();
        const { response } = await watch.until(`message of Watch "${service}"`, () => true, WATCH_MS);
        must(response === expected, `Watch of "${service}" must say ${expected} first; it says ${response}.`);
        await probe.sleep(STAYS_OPEN_MS);
        const ended = watch.ended === undefined ? '' : describeStatus(watch.ended);
        must(watch.ended === undefined, `Watch of "${service}" must stay open; it ended with ${ended}.`);
        watch.cancel();
      }
      await mustServe(probe, CISCO_HEALTH_CHECK, '');
    },
  },
];
