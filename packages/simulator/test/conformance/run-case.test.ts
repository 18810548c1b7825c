// One case within its time, whatever it does.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunnableCase } from '../../src/conformance/conformance-case.ts';
import { mustBeOk } from '../../src/conformance/expect/status.ts';
import { CaseFailure, must } from '../../src/conformance/probe/case-failure.ts';
import { hiddenResult, runCase, whySkipped } from '../../src/conformance/run-case.ts';
import type { RunSettings } from '../../src/conformance/run-settings.ts';
import { systemClock } from '../../src/time/clock.ts';
import { createServerConnection, type ServerConnection } from '../../src/wire/server-connection.ts';
import { type DemoServer, startDemoServer } from './support/demo-server.ts';

const SECRET = 'a-token-that-nobody-may-see';

let server: DemoServer;
let connection: ServerConnection;
let settings: RunSettings;

beforeAll(async () => {
  server = await startDemoServer({ defect: 'never_completes' });
  const { target } = server;
  connection = createServerConnection({ target, tls: undefined, trackingPrefix: 'test' });
  settings = {
    runId: 'run',
    target,
    mode: 'wav',
    profile: 'demo',
    strict: false,
    organization: 'o1',
    agentId: 'demo',
    token: SECRET,
    badTokens: [],
    authorization: `Bearer ${SECRET}`,
    endSilenceMs: 500,
    replyMs: 60_000,
    loadCalls: 1,
    speech: undefined,
    random: Math.random,
    agents: [],
  };
});
afterAll(() => {
  connection.close();
  server[Symbol.dispose]();
});

type Change = Partial<Omit<RunnableCase, 'kind' | 'source'>>;

function caseOf(run: RunnableCase['run'], change: Change = {}): RunnableCase {
  const facts = {
    id: 'C0',
    kind: 'contract',
    source: 'rpcs',
    title: 't',
    sends: 's',
    expects: 'e',
    holdsFor: 'every',
    limitMs: 200,
    replies: 0,
  } as const;
  return { ...facts, run, ...change };
}

function tryRun(one: RunnableCase, signal: AbortSignal = new AbortController().signal) {
  return runCase(one, { settings, connection, clock: systemClock, signal });
}

describe('runCase', () => {
  it('says what a case was waiting for when its time was up', async () => {
    const one = caseOf(async (probe) => {
      await probe.conversation().once({ event: 'session_start' });
    });
    const { status, reason, seen, durationMs } = await tryRun(one);
    expect(status).toBe('failed');
    expect(reason).toMatch(/^The case took longer than 200 ms\. RPC 1 was not completed .*got FINAL/);
    expect(seen.join('\n')).toMatch(/RPC 1 > SESSION_START\n.*half-close\n.*RPC 1 < FINAL, prompts of \d+ bytes/);
    expect(durationMs).toBeGreaterThanOrEqual(199);
    expect(durationMs).toBeLessThan(2000);
  });

  it('ends a case that waits for something that never comes', async () => {
    const { status, reason } = await tryRun(caseOf(() => new Promise(() => undefined)));
    expect([status, reason]).toEqual(['failed', 'The case took longer than 200 ms. It was stopped in the middle.']);
  });

  it('ends a case when the run ends', async () => {
    const stop = new AbortController();
    const one = caseOf((probe) => probe.sleep(60_000), { limitMs: 60_000 });
    setImmediate(() => stop.abort());
    expect(await tryRun(one, stop.signal)).toMatchObject({ status: 'failed', reason: 'The case ran out of time.' });
  });

  it('resets what a case has left open', async () => {
    let ended: (() => unknown) | undefined;
    await tryRun(
      caseOf(async (probe) => {
        const rpc = probe.conversation().open();
        rpc.send({ event: 'start_of_dtmf' });
        ended = () => rpc.ended?.name;
      }),
    );
    await expect.poll(() => ended?.()).toBe('CANCELLED');
  });

  it('reports a mistake of a case as one', async () => {
    const { status, reason } = await tryRun(
      caseOf(async () => {
        throw new TypeError('x is not a function');
      }),
    );
    expect(status).toBe('failed');
    expect(reason).toMatch(/^the case itself broke: TypeError: x is not a function/);
  });

  it('shows no token, and not the whole of a long case', async () => {
    const { seen } = await tryRun(
      caseOf(async (probe) => {
        for (let line = 0; line < 500; line += 1) probe.remark(`${line} ${SECRET}`);
        throw new Error('over');
      }),
    );
    expect(seen.join('\n')).not.toContain(SECRET);
    expect(seen).toHaveLength(41);
    expect(seen[0]).toMatch(/ 0 \[token\]$/);
    expect(seen[10]).toMatch(/\(460 lines left out\)/);
    expect(seen.at(-1)).toMatch(/ 499 \[token\]$/);
  });
});

describe('what a case finds', () => {
  const advice = { kind: 'advice', source: undefined } as const;

  it('fails it for what a document states, with the document', async () => {
    const result = await tryRun(caseOf(async () => must(false, 'it is not so')));
    const source = expect.stringMatching(/README\.md#grpc-bi-directional-streaming-guidelines$/);
    expect(result).toMatchObject({
      kind: 'contract',
      source,
      status: 'failed',
      reason: 'it is not so',
      findings: [{ rule: 'C0', kind: 'contract', source, message: 'it is not so' }],
    });
  });

  it('is advice where no document states it, and the case goes on', async () => {
    let went = false;
    const result = await tryRun(
      caseOf(async (probe) => {
        const kept = await probe.advise('START_OF_INPUT_LATE', () => must(false, 'it is late'));
        went = !kept;
        await probe.advise('START_OF_INPUT_LATE', () => must(false, 'it is late again'));
      }),
    );
    expect(went).toBe(true);
    expect(result.status).toBe('advised');
    expect(result.findings).toEqual([{ rule: 'START_OF_INPUT_LATE', kind: 'advice', message: 'it is late' }]);
    expect(result).not.toHaveProperty('reason');
    expect(result.seen).toEqual([]);
  });

  it('ends it with advice that it cannot go on after', async () => {
    const result = await tryRun(caseOf(async () => must(false, 'no reply', 'DIGITS_UNANSWERED')));
    expect(result).toMatchObject({ status: 'advised', findings: [{ rule: 'DIGITS_UNANSWERED', kind: 'advice' }] });
  });

  it('is advice as a whole in a case that is advice', async () => {
    const one = { ...caseOf(async () => must(false, 'not completed', 'RPC_NOT_COMPLETED')), ...advice };
    const result = await tryRun(one as RunnableCase);
    expect(result).toMatchObject({ kind: 'advice', status: 'advised', findings: [{ kind: 'advice' }] });
    expect(result).not.toHaveProperty('source');
  });

  it('names breaks of the contract first', async () => {
    const { findings, reason } = await tryRun(
      caseOf(async (probe) => {
        probe.find({ rule: 'END_OF_INPUT_LATE', message: 'late' });
        must(false, 'missing', 'REPLY_MISSING');
      }),
    );
    expect(findings.map(({ rule }) => rule)).toEqual(['REPLY_MISSING', 'END_OF_INPUT_LATE']);
    expect(reason).toBe('missing\nlate');
  });

  it('fails it for advice in a strict run', async () => {
    const one = caseOf(async (probe) => probe.find({ rule: 'END_OF_INPUT_LATE', message: 'late' }));
    const strict = { ...settings, strict: true };
    const { signal } = new AbortController();
    const result = await runCase(one, { settings: strict, connection, clock: systemClock, signal });
    expect(result).toMatchObject({ status: 'failed', reason: 'late', findings: [{ kind: 'advice' }] });
  });

  it('fails a case that is advice when the run ends in it', async () => {
    const stop = new AbortController();
    const one = { ...caseOf(() => new Promise(() => undefined), { limitMs: 60_000 }), ...advice } as RunnableCase;
    const run = tryRun(one, stop.signal);
    stop.abort();
    expect((await run).status).toBe('failed');
  });
});

describe('a fault of this side', () => {
  // What grpc-js says when it writes after the server's status has come; here a server says it, so that it always comes.
  const OWN_FAILURE = 'Write error: write after end';
  const tryAgainst = async (failures: number) => {
    let calls = 0;
    using broken = await startDemoServer({
      defect: 'tells_why',
      guard: () => {
        calls += 1;
        return calls <= failures ? OWN_FAILURE : undefined;
      },
    });
    const to = createServerConnection({ target: broken.target, tls: undefined, trackingPrefix: 'test' });
    const ids: string[] = [];
    const one = caseOf(
      async (probe) => {
        const conversation = probe.conversation();
        ids.push(conversation.id);
        mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
      },
      { limitMs: 5000 },
    );
    const { signal } = new AbortController();
    const { status, reason } = await runCase(one, { settings, connection: to, clock: systemClock, signal });
    to.close();
    return { ids, status, reason };
  };

  it('is tried again, with another conversation', async () => {
    expect(await tryAgainst(1)).toEqual({ ids: ['run-c0-1', 'run-c0-again-1'], status: 'passed', reason: undefined });
  });

  it('is reported when it comes twice', async () => {
    const { ids, status, reason } = await tryAgainst(3);
    expect([ids.length, status]).toEqual([2, 'failed']);
    expect(reason).toContain(OWN_FAILURE);
  });

  it('is no other failure', async () => {
    const ids: string[] = [];
    const { status } = await tryRun(
      caseOf(async (probe) => {
        ids.push(probe.conversation().id);
        throw new CaseFailure('no');
      }),
    );
    expect([ids, status]).toEqual([['run-c0-1'], 'failed']);
  });
});

describe('what a report hides', () => {
  it('is every token, also one that differs from the given one by a bit', async () => {
    const { reason } = await tryRun(
      caseOf(async () => {
        throw new CaseFailure('it said "eyJhbGciOiJub25lIn0.e30." and eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln-_x');
      }),
    );
    expect(reason).toBe('it said "[token]" and [token]');
  });
});

describe('what is not run', () => {
  const nothing = async (): Promise<void> => undefined;

  it('is told why', () => {
    const generic = { ...settings, profile: 'generic', token: undefined } as const;
    expect(whySkipped(caseOf(nothing), settings)).toBeUndefined();
    expect(whySkipped(caseOf(nothing, { holdsFor: 'demo' }), generic)).toMatch(/needs the demo agent/);
    expect(whySkipped(caseOf(nothing, { modes: ['chunk'] }), settings)).toMatch(/holds for chunk mode/);
    expect(whySkipped(caseOf(nothing, { needsToken: true }), generic)).toBe('needs --token');
    expect(whySkipped(caseOf(nothing, { agents: ['slow'] }), settings)).toMatch(/needs an agent with the id slow/);
  });

  it('is a result of its own where a part of a case is hidden', () => {
    expect(hiddenResult(caseOf(nothing))).toBeUndefined();
    expect(hiddenResult(caseOf(nothing, { inside: 'that it counts' }))).toMatchObject({
      id: 'C0-inside',
      status: 'not_observable',
      reason: "only the server's own process can tell: that it counts",
    });
  });
});
