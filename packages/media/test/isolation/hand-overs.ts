// What a handler hands over: each public method of session and turn with arguments that are right and complete, of which a
// trial puts an odd value in the place of one part.
import type { MediaEvents, Session, Turn } from '@byova/media';
import { TONE } from './good-calls.ts';
import { type Method, methodOf } from './trials.ts';

/** What the handler of a bad call is given. */
export interface HandOverContext {
  readonly session: Session<unknown>;
  readonly turn: Turn;
}

/** A method, and in which handler it is called. */
export interface HandOver extends Method<HandOverContext> {
  readonly at: 'session_start' | 'dtmf_input';
  /** Whether everything is looked at when it is handed over: what is wrong is a typed error at once. */
  readonly checked: boolean;
}

const session = (name: string): HandOver['call'] => methodOf((context: HandOverContext) => context.session, name);
const turn = (name: string): HandOver['call'] => methodOf((context: HandOverContext) => context.turn, name);

const BYTES = new Uint8Array(400).fill(0xff);

const end = () => ({
  name: 'left',
  metadata: { a: { b: [1, 'x', { c: null }] } },
  prompt: TONE,
  summary: 'a summary',
  transcript: 'caller: hello',
});

const play = () => ({
  bargeIn: false,
  format: { encoding: 'mulaw', sampleRateHz: 8000 },
  label: 'a label',
  signal: new AbortController().signal,
});

const question = () => ({
  prompt: TONE,
  noInputPrompt: TONE,
  bargeIn: true,
  noInputMs: 1000,
  timeoutMs: 3000,
  interDigitMs: 1000,
  retries: { noInput: 1, invalid: 1 },
  reprompt: () => TONE,
  sensitive: false,
  signal: new AbortController().signal,
});

const pieces = async function* () {
  yield { text: 'one ', atMs: 0 };
  yield BYTES;
};

const AT_START = { at: 'session_start', checked: false } as const;
const LATER = { at: 'dtmf_input', checked: false } as const;
const CHECKED = { at: 'dtmf_input', checked: true } as const;

const response = () => ({
  type: 'final',
  prompts: [{ audio: BYTES, pieces: [BYTES], bargeIn: true }],
  event: { type: 'custom_event', name: 'left', metadata: { a: [1] } },
  expectation: {
    mode: 'voice_dtmf',
    dtmf: { length: 1, interDigitMs: 1000, terminator: '#' },
    speech: { completeMs: 1000, incompleteMs: 1000, maxSpeechMs: 1000 },
    noInputMs: 1000,
    sensitive: false,
  },
  uninterruptible: false,
  transcript: 'caller: hello',
  summary: 'a summary',
});

const expectation = () => ({
  mode: 'voice_dtmf',
  dtmf: { length: 1, interDigitMs: 1000, terminator: '#' },
  speech: { completeMs: 1000, incompleteMs: 1000, maxSpeechMs: 1000 },
  noInputMs: 1000,
  sensitive: false,
});

/** Every method that takes something, and the ways in which something is given back to the server. */
export const HAND_OVERS: readonly HandOver[] = [
  {
    name: 'transfer',
    ...CHECKED,
    args: () => [{ ...end(), routingHint: 'billing' }],
    call: session('transfer'),
  },
  { name: 'end', ...CHECKED, args: () => [end()], call: session('end') },
  { name: 'emit', ...CHECKED, args: () => ['left', { a: { b: [1] } }], call: session('emit') },
  { name: 'expect', ...CHECKED, args: () => [expectation()], call: session('expect') },
  {
    name: 'transcript.add',
    ...CHECKED,
    args: () => [{ role: 'caller', text: 'hello', atMs: 5 }],
    call: methodOf((context: HandOverContext) => context.session.transcript, 'add'),
  },
  {
    name: 'raw.send',
    ...CHECKED,
    args: () => [response()],
    call: methodOf((context: HandOverContext) => context.turn.raw, 'send'),
  },
  { name: 'play', ...LATER, args: () => [TONE, play()], call: session('play') },
  { name: 'play of bytes', ...LATER, args: () => [BYTES, play()], call: session('play') },
  { name: 'play of pieces', ...LATER, args: () => [pieces(), { bargeIn: false }], call: session('play') },
  {
    name: 'play of a function',
    ...LATER,
    args: () => [async () => TONE, { bargeIn: false }],
    call: session('play'),
  },
  {
    name: 'play of a prompt of its own',
    ...LATER,
    args: () => [{ replayable: true, label: 'own', text: 'one', open: async () => BYTES }, { bargeIn: true }],
    call: session('play'),
  },
  {
    name: 'play of odd pieces',
    ...LATER,
    args: () => [{ text: 'one', atMs: 1 }, BYTES, { text: 'two' }],
    call: ({ session: of }, args) =>
      of.play(
        (async function* () {
          yield* args as readonly Uint8Array[];
        })(),
      ),
  },
  { name: 'turn.play', ...LATER, args: () => [TONE, play()], call: turn('play') },
  {
    name: 'turn.playPartial',
    ...LATER,
    args: () => [TONE, { ...play(), uninterruptible: true }],
    call: turn('playPartial'),
  },
  {
    name: 'collectDigits',
    ...AT_START,
    args: () => [
      {
        ...question(),
        max: 1,
        min: 1,
        terminator: '#',
        includeTerminator: false,
        validate: () => true,
        recognize: () => '1',
        invalidPrompt: TONE,
      },
    ],
    call: session('collectDigits'),
  },
  {
    name: 'menu',
    ...AT_START,
    args: () => [
      { ...question(), choices: { '1': 'one', '2': 'two' }, recognize: () => ['one', 'two'], invalidPrompt: TONE },
    ],
    call: session('menu'),
  },
  {
    name: 'confirm',
    ...AT_START,
    args: () => [{ ...question(), yes: '1', no: '2', recognize: () => true, invalidPrompt: TONE }],
    call: session('confirm'),
  },
  {
    name: 'listen',
    ...AT_START,
    args: () => [{ ...question(), dtmfLength: 1, escape: { '1': 'out' } }],
    call: session('listen'),
  },
  {
    name: 'session.state',
    ...LATER,
    args: () => [{ a: [1] }],
    call: ({ session: of }, [state]) => {
      of.state = state;
      return of.listen({ timeoutMs: 100 });
    },
  },
  { name: 'what a handler returns', ...LATER, args: () => [1], call: (_context, [value]) => value },
  {
    name: 'what a handler throws',
    ...LATER,
    args: () => [new Error('x')],
    call: (_context, [value]) => {
      throw value;
    },
  },
];

/** What else a handler may return, of events whose outcome nothing waits for. */
export const PASSING_EVENTS = [
  'turn_started',
  'turn_ended',
  'audio_input',
  'dtmf_started',
  'speech_started',
  'barge_in',
  'session_end',
  'error',
] as const satisfies readonly (keyof MediaEvents)[];
