// One call whose code fails in the worst places costs that call alone: 99 others on the same server finish what they began,
// and every RPC of the bad one ends too.
import { type MediaEventName, MediaServer, type MediaServerOptions } from '@byova/media';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectFast, type FastClient, type FastContent } from '../support/fast-client.ts';
import { framePath } from '../support/frame-path.ts';
import { FAULTS, type Fault } from './faults.ts';
import { collectStrayErrors, goodCall, SPEECH, served, settled, TONE } from './good-calls.ts';

const BAD = 'bad';
const GOOD_CALLS = 99;
const ANSWERED_MS = 5000;
const SERVED = served('chunk');

const stray = collectStrayErrors();

/** A server whose handlers do their work, and for the bad call what `fault` says. */
async function start(fault: Fault | undefined, options: Partial<MediaServerOptions<undefined>> = {}) {
  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: { enforce: false },
    limits: { turnTimeoutMs: 400 },
    errorPrompt: TONE,
    framePath,
    ...options,
  });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const ends = new Map<string, number>();
  const on = <Name extends Exclude<MediaEventName, 'conversation_audio' | 'draining' | 'call_refused'>>(
    name: Name,
    work?: (context: Parameters<Parameters<typeof server.on<Name>>[1]>[0]) => unknown,
  ): void => {
    server.on(name, ((context: Parameters<Parameters<typeof server.on<Name>>[1]>[0]) => {
      if (context.session.id === BAD && fault !== undefined && (fault.at === name || fault.at === 'all')) {
        return fault.does(context as Parameters<Fault['does']>[0]);
      }
      return work?.(context);
    }) as Parameters<typeof server.on<Name>>[1]);
  };
  on('session_start', ({ session }) => session.play(TONE, { bargeIn: session.id === BAD }));
  on('dtmf_input', ({ session }) => session.play(TONE, { bargeIn: false }));
  on('custom_event', ({ session }) => session.transfer({ metadata: { queue: 'billing' } }));
  on('utterance', ({ session }) => session.play(TONE, { bargeIn: false }));
  for (const name of [
    'session_resumed',
    'turn_started',
    'turn_ended',
    'audio_input',
    'dtmf_started',
    'speech_started',
    'barge_in',
    'no_input',
    'error',
  ] as const) {
    on(name);
  }
  server.on('session_end', (context) => {
    const { id } = context.session;
    ends.set(id, (ends.get(id) ?? 0) + 1);
    if (id === BAD && (fault?.at === 'session_end' || fault?.at === 'all'))
      return fault.does({ session: context.session });
    return undefined;
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = await connectFast(port);
  onTestFinished(() => client.close());
  return { server, client, ends };
}

/** Does everything that makes a handler run; RPCs that are never answered are reset, and told of. */
async function badCall(client: FastClient, resumed: boolean, organization = 'o1'): Promise<readonly string[]> {
  const script: readonly (readonly FastContent[])[] = [
    resumed ? ['no_input'] : ['start'],
    ['start_of_dtmf'],
    [{ keys: '1' }],
    SPEECH,
    [{ keys: '1' }],
    ['no_input'],
    ['custom_event'],
    ['session_end'],
  ];
  const statuses: string[] = [];
  for (const contents of script) {
    const options = { conversationId: BAD, organization, contents, resetAfterMs: ANSWERED_MS };
    statuses.push((await client.rpc(options)).status);
  }
  return statuses;
}

/** 99 good calls beside a bad one. */
async function prove(
  fault: Fault | undefined,
  options?: Partial<MediaServerOptions<undefined>>,
  organization?: string,
) {
  const { server, client, ends } = await start(fault, options);
  const [statuses, ...good] = await Promise.all([
    badCall(client, fault?.at === 'session_resumed', organization),
    ...Array.from({ length: GOOD_CALLS }, (_, n) => goodCall(client, `good-${n}`)),
  ]);
  for (const outcomes of good) expect(outcomes).toEqual(SERVED);
  await settled(server);
  expect(server.stats).toMatchObject({ sessions: 0, turns: 0, rpcs: 0 });
  for (let n = 0; n < GOOD_CALLS; n += 1) expect(ends.get(`good-${n}`)).toBe(1);
  expect(stray).toEqual([]);
  return { statuses, ends };
}

describe('one bad call among a hundred:', () => {
  it.each(FAULTS.map((fault) => [fault.title, fault] as const))('%s', async (_title, fault) => {
    const { statuses } = await prove(fault);
    expect(statuses).not.toContain('reset');
  });

  it('none, for comparison', async () => {
    const { statuses, ends } = await prove(undefined);
    expect(statuses).toEqual(Array.from({ length: 8 }, () => '0'));
    expect(ends.get(BAD)).toBe(1);
  });
});

describe('one bad call among a hundred, by an option of the server:', () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  const failing: Fault = { title: '', at: 'all', does: boom };
  const once = (): (() => boolean) => {
    let first = true;
    return () => {
      const was = first;
      first = false;
      return was;
    };
  };

  it('`logger` throws at what it is told of the call', async () => {
    const write = (fields: Readonly<Record<string, unknown>>): void => {
      if (fields['conversationId'] === BAD) boom();
    };
    const { statuses } = await prove(failing, { logger: { debug: write, info: write, warn: write, error: write } });
    expect(statuses).not.toContain('reset');
  });

  it('`agents` throws for its organization', async () => {
    const { statuses } = await prove(
      undefined,
      {
        agents: ({ organization }) => (organization === 'odd' ? boom() : [{ id: 'demo', name: 'Demo' }]),
      },
      'odd',
    );
    expect(new Set(statuses)).toEqual(new Set(['13']));
  });

  it('`speech` throws when the detector is made', async () => {
    const { statuses } = await prove(undefined, { speech: boom });
    expect(statuses).not.toContain('reset');
  });

  it('`speech` throws when the detector is fed', async () => {
    const { statuses } = await prove(undefined, {
      speech: ({ sampleRateHz }) => ({ sampleRateHz, push: boom, reset: boom }),
    });
    expect(statuses).not.toContain('reset');
  });

  it('`errorPrompt` throws', async () => {
    const { statuses } = await prove(failing, { errorPrompt: boom });
    expect(statuses).not.toContain('reset');
  });

  it('`state` throws', async () => {
    const isFirst = once();
    const { server, client } = await start(undefined, {
      state() {
        if (isFirst()) boom();
        return undefined;
      },
    });
    const bad = await client.rpc({ conversationId: BAD, contents: ['start'] });
    expect(bad.status).toBe('13');
    const good = await Promise.all(Array.from({ length: GOOD_CALLS }, (_, n) => goodCall(client, `good-${n}`)));
    for (const outcomes of good) expect(outcomes).toEqual(SERVED);
    await settled(server);
    expect(server.stats).toMatchObject({ sessions: 0, turns: 0, rpcs: 0 });
  });
});
