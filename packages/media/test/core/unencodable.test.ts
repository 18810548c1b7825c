// A response that the transport cannot encode costs the turn that it was for its reply, by the policy of `onError`, and
// nothing else: no exception leaves the core, whichever timer or promise the response was sent from.
import { describe, expect, it } from 'vitest';
import { type AudioMode, type MediaServerOptions, prompt, type Session } from '../../src/index.ts';
import { OutputBudget } from '../../src/output/output-budget.ts';
import { mintAdmission } from '../../src/wire/gate.ts';
import type { RpcInput, RpcOutput } from '../../src/wire/port.ts';
import type { CallerEventType } from '../../src/wire/request.ts';
import type { AgentResponse } from '../../src/wire/response.ts';
import { createTestCore, LOUD, SILENCE, type TestCore } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

const TONE = prompt.tone({ frequencyHz: 440, durationMs: 400 });
const BROKEN = new TypeError('cannot encode');

interface Line {
  readonly kinds: string[];
  readonly input: RpcInput;
  readonly status: string;
}

/** Opens an RPC whose encoder throws for the responses that `breaks` picks. */
function open(core: TestCore, breaks: (response: AgentResponse) => boolean, conversationId = 'c1'): Line {
  const kinds: string[] = [];
  let status = 'open';
  const output: RpcOutput = {
    send(response) {
      if (breaks(response)) throw BROKEN;
      const { name, type } = response.event ?? {};
      kinds.push([response.type, type, name].filter((part) => part !== undefined).join(':'));
    },
    share: OutputBudget.unbounded()
      .of({})
      .open({ queuedBytes: 0, onStalled: () => {} }),
    complete() {
      if (status === 'open') status = 'ok';
    },
    fail(failure) {
      if (status === 'open') status = failure;
    },
  };
  const input = core.service.openRpc(output, mintAdmission(undefined));
  const header = { conversationId, organization: 'o1', agentId: '', allowPartialResponses: false, vendorConfig: '' };
  input.begin({ ...header, additionalInfo: {} });
  return {
    kinds,
    input,
    get status() {
      return status;
    },
  };
}

function say(line: Line, type: CallerEventType = 'session_start'): Line {
  line.input.event({ type, name: '', parameters: {} });
  line.input.halfClose();
  return line;
}

interface Told {
  readonly errors: unknown[];
  readonly ends: string[];
}

function createCore(options: Partial<MediaServerOptions<unknown>>): Told & { readonly core: TestCore } {
  const core = createTestCore({ errorPrompt: TONE, ...options });
  const errors: unknown[] = [];
  const ends: string[] = [];
  core.on('error', ({ event }) => void errors.push(event.error));
  core.on('session_end', ({ event }) => void ends.push(event.reason));
  return { core, errors, ends };
}

const unencodable = expect.objectContaining({ code: 'RESPONSE_UNENCODABLE', cause: BROKEN });
const isSummary = ({ summary }: AgentResponse): boolean => summary === 'broken';
const isFinal = ({ type, event }: AgentResponse): boolean => type === 'final' && event?.name !== 'agent_error';
function sendAudio(line: Line, frame: Uint8Array, ms: number): void {
  for (let sent = 0; sent < ms; sent += 20) line.input.audio(frame, 'mulaw', 8000);
}

describe.each<AudioMode>(['wav', 'chunk'])('a reply in %s mode that cannot be encoded', (audioMode) => {
  it('is answered by the policy, told to `error` once, and rejects the transfer that it was', async () => {
    const { core, errors, ends } = createCore({ audioMode });
    let thrown: unknown;
    core.on('session_start', ({ session }) =>
      session.transfer({ summary: 'broken' }).catch((error: unknown) => {
        thrown = error;
        throw error;
      }),
    );
    const line = say(open(core, isSummary));
    await core.clock.advance(5000);
    expect(thrown).toEqual(unencodable);
    expect(errors).toEqual([unencodable]);
    expect(line.kinds.at(-1)).toBe('final:transfer_to_agent:agent_error');
    expect([line.status, ends]).toEqual(['ok', ['error']]);
    expect(core.logs).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ conversationId: 'c1' }) }),
    );
  });

  it("with onError 'continue' leaves the call as it was: the next turn is served", async () => {
    const { core, errors, ends } = createCore({ audioMode, onError: 'continue' });
    core.on('session_start', ({ session }) => session.end({ summary: 'broken' }));
    core.on('dtmf_input', ({ session }) => session.transfer());
    const first = say(open(core, isSummary));
    await core.clock.advance(5000);
    expect([first.status, first.kinds.at(-1), ends]).toEqual(['ok', 'final', []]);
    const second = open(core, () => false);
    second.input.digits(['1']);
    second.input.halfClose();
    await core.clock.advance(5000);
    expect(second.kinds).toEqual(['final:transfer_to_agent:transfer_requested']);
    expect([errors, ends]).toEqual([[unencodable], ['transferred']]);
  });

  it('fails the RPC with INTERNAL and ends the call when the policy cannot be encoded either', async () => {
    const { core, errors, ends } = createCore({ audioMode });
    core.on('session_start', ({ session }) => session.play(TONE));
    const line = say(open(core, () => true));
    await core.clock.advance(60_000);
    expect([line.status, line.kinds, ends]).toEqual(['internal', [], ['error']]);
    expect(errors).toEqual([unencodable]);
  });

  it("fails the RPC alone when it cannot and onError is 'continue'", async () => {
    const { core, ends } = createCore({ audioMode, onError: 'continue' });
    core.on('session_start', ({ session }) => session.play(TONE));
    core.on('custom_event', ({ session }) => session.end());
    const line = say(open(core, () => true));
    await core.clock.advance(60_000);
    expect([line.status, ends]).toEqual(['internal', []]);
    const next = say(
      open(core, () => false),
      'custom_event',
    );
    await core.clock.advance(1000);
    expect([next.kinds, ends]).toEqual([['final:session_end'], ['ended']]);
  });

  it.each<[string, (session: Session) => unknown]>([
    ['a timer, behind a prompt that is awaited', (session) => session.play(TONE)],
    ['a timer, after what plays has been heard', (session) => session.play(TONE).then(() => session.end())],
    ['a promise of a source', (session) => session.play(async () => new Uint8Array(400).fill(0xff))],
    ['a handler that returns', () => undefined],
    ['a question', (session) => session.collectDigits({ prompt: TONE, max: 1 })],
  ])('throws nothing when it is sent by %s', async (_title, handler) => {
    const { core, errors } = createCore({ audioMode });
    core.on('session_start', ({ session }) => handler(session));
    const line = say(open(core, isFinal));
    await core.clock.advance(120_000);
    expect([line.status, line.kinds.at(-1)]).toEqual(['ok', 'final:transfer_to_agent:agent_error']);
    expect(errors).toEqual([unencodable]);
  });

  it('leaves other calls alone', async () => {
    const { core } = createCore({ audioMode });
    core.on('session_start', ({ session }) => session.play(TONE));
    const [bad, good] = ['bad', 'good'].map((id) => say(open(core, () => id === 'bad', id)));
    await core.clock.advance(5000);
    expect([bad?.status, good?.status, good?.kinds.at(-1)]).toEqual(['internal', 'ok', 'final']);
  });
});

it('a chunk that cannot be encoded interrupts its prompt', async () => {
  const { core, errors } = createCore({ audioMode: 'chunk' });
  let played: unknown;
  core.on('session_start', async ({ session }) => {
    played = await session.play(TONE);
  });
  let chunks = 0;
  const line = say(open(core, ({ type }) => type === 'chunk' && chunks++ === 0));
  await core.clock.advance(5000);
  expect(played).toMatchObject({ status: 'interrupted', heardMs: 0, reason: 'error' });
  expect([line.status, line.kinds.at(-1)]).toEqual(['ok', 'final:transfer_to_agent:agent_error']);
  expect(errors).toEqual([unencodable]);
});

it('a mark of speech that cannot be encoded fails its RPC, and the call goes on', async () => {
  const { core, ends } = createCore({});
  core.on('session_start', () => {});
  core.on('custom_event', ({ session }) => session.end());
  say(open(core, () => false));
  await settle();
  for (const mark of ['start_of_input', 'end_of_input'] as const) {
    const line = open(core, ({ event }) => event?.type === mark);
    sendAudio(line, SILENCE, 400);
    sendAudio(line, LOUD, 1000);
    sendAudio(line, SILENCE, 2000);
    line.input.halfClose();
    await core.clock.advance(100);
    expect(line.status).toBe('internal');
  }
  const last = say(
    open(core, () => false),
    'custom_event',
  );
  await core.clock.advance(100);
  expect([last.kinds, ends]).toEqual([['final:session_end'], ['ended']]);
});

it('a raw response that cannot be encoded is thrown into the handler that sent it', async () => {
  const { core, errors } = createCore({});
  core.on('session_start', ({ turn }) => turn.raw.send({ type: 'final', prompts: [], event: { type: 'no_match' } }));
  const line = say(open(core, ({ event }) => event?.type === 'no_match'));
  await core.clock.advance(5000);
  expect(errors).toEqual([unencodable]);
  expect([line.status, line.kinds.at(-1)]).toEqual(['ok', 'final:transfer_to_agent:agent_error']);
});
