// The worst places in which a user's code can fail, each as what the handler of one call does there.
import type { MediaEventName, MediaEvents, PlaySource, Session } from '@byova/media';

/** What a handler of the bad call is given; not every handler is given all of it. */
type Context = Partial<MediaEvents['dtmf_input']> & { readonly session: Session };

/** One place. */
export interface Fault {
  readonly title: string;
  /** The handlers that fail. */
  readonly at: MediaEventName | 'all';
  readonly does: (context: Context) => unknown;
}

const boom = (): never => {
  throw new Error('boom');
};
const hang = (): Promise<never> => new Promise(() => {});
const BYTES = new Uint8Array(4000).fill(1);

const HANDLERS = [
  'session_start',
  'session_resumed',
  'turn_started',
  'turn_ended',
  'audio_input',
  'dtmf_started',
  'dtmf_input',
  'speech_started',
  'utterance',
  'barge_in',
  'no_input',
  'custom_event',
  'session_end',
] as const;

const inHandlers = HANDLERS.flatMap((at): Fault[] => [
  { title: `'${at}' throws`, at, does: boom },
  { title: `'${at}' rejects`, at, does: async () => boom() },
]);

/** An object whose every property throws, as a broken proxy's does. */
function hostile(): never {
  throw new Proxy(new Error('hostile'), { get: boom, getPrototypeOf: boom, has: boom, ownKeys: boom });
}

const iterator = (parts: Partial<AsyncIterator<Uint8Array>>): PlaySource => ({
  replayable: false,
  open: async () => ({ [Symbol.asyncIterator]: () => ({ next: hang, ...parts }) }),
});

const sources: Readonly<Record<string, () => PlaySource>> = {
  'a factory that throws': () => boom,
  'a factory that rejects': () => async () => boom(),
  'a factory that gives nothing': () => (() => undefined) as unknown as PlaySource,
  'a factory that hangs': () => hang,
  nothing: () => undefined as unknown as PlaySource,
  'a number': () => 42 as unknown as PlaySource,
  'pieces that are no audio': () => ['text'] as unknown as PlaySource,
  'an iterator that cannot be made': () => ({ [Symbol.asyncIterator]: boom }),
  'an iterator whose next throws': () => iterator({ next: boom }),
  'an iterator whose next rejects': () => iterator({ next: async () => boom() }),
  'an iterator whose next gives nothing': () => iterator({ next: (() => undefined) as never }),
  'an iterator whose return throws': () => iterator({ return: boom }),
  'an iterator whose return gives nothing': () => iterator({ return: (() => undefined) as never }),
  'an iterator whose return rejects': () => iterator({ return: async () => boom() }),
  'an iterator whose return hangs': () => iterator({ return: hang }),
  'a prompt that throws when it is opened': () => ({ replayable: true, open: boom }),
  'a prompt whose properties throw': () => ({
    get replayable(): boolean {
      return boom();
    },
    open: hang,
  }),
};

const inSources = Object.entries(sources).flatMap(([title, make]): Fault[] => [
  { title: `play of ${title}`, at: 'dtmf_input', does: ({ session }) => session.play(make()) },
  { title: `play of ${title}, not awaited`, at: 'dtmf_input', does: ({ session }) => void session.play(make()) },
]);

const options = {
  get bargeIn(): boolean {
    return boom();
  },
  get prompt(): PlaySource {
    return boom();
  },
};

/** Whatever the JSON of a struct cannot hold. */
const odd = { big: 10n, not: Number.NaN, does: boom, at: new Date(0), none: undefined } as never;

const inCalls: readonly Fault[] = [
  { title: 'an option of play that throws', at: 'dtmf_input', does: ({ session }) => session.play(BYTES, options) },
  { title: 'an option of end that throws', at: 'dtmf_input', does: ({ session }) => session.end(options) },
  { title: 'an option of transfer that throws', at: 'dtmf_input', does: ({ session }) => session.transfer(options) },
  {
    title: 'an option of a question that throws',
    at: 'dtmf_input',
    does: ({ session }) => session.listen(options),
  },
  {
    title: 'a validator that throws',
    at: 'session_start',
    does: ({ session }) => session.collectDigits({ max: 1, validate: boom }),
  },
  {
    title: 'a validator that rejects',
    at: 'session_start',
    does: ({ session }) => session.collectDigits({ max: 1, validate: async () => boom() }),
  },
  {
    title: 'a validator that hangs',
    at: 'session_start',
    does: ({ session }) => session.collectDigits({ max: 1, validate: hang }),
  },
  {
    title: 'a recognizer that throws',
    at: 'session_start',
    does: ({ session }) => session.menu({ choices: { '5': 'five' }, recognize: boom, retries: 9 }),
  },
  {
    title: 'a menu without choices',
    at: 'session_start',
    does: ({ session }) => session.menu({ choices: {} }),
  },
  {
    title: 'a question that nobody awaits',
    at: 'dtmf_input',
    does: ({ session }) => void session.collectDigits({ max: 1, validate: boom }),
  },
  {
    title: 'a question beside a question',
    at: 'session_start',
    does: ({ session }) => Promise.all([session.listen(), session.listen()]),
  },
  { title: 'metadata that cannot be sent', at: 'dtmf_input', does: ({ session }) => session.emit('odd', odd) },
  {
    title: 'a transfer whose metadata cannot be sent',
    at: 'dtmf_input',
    does: ({ session }) => session.transfer({ metadata: odd }),
  },
  { title: 'an expectation that is none', at: 'dtmf_input', does: ({ session }) => session.expect(null as never) },
  { title: 'a raw response that is none', at: 'dtmf_input', does: ({ turn }) => turn?.raw.send({} as never) },
  {
    title: 'a signal that is aborted',
    at: 'dtmf_input',
    does: ({ session }) => session.play(BYTES, { signal: AbortSignal.abort() }),
  },
  {
    title: 'a signal that is none',
    at: 'dtmf_input',
    does: ({ session }) => session.play(BYTES, { signal: {} as never }),
  },
  {
    title: 'an end that nobody awaits, then a throw',
    at: 'dtmf_input',
    does({ session }) {
      void session.end();
      boom();
    },
  },
  {
    title: 'a play by a timer after the call',
    at: 'session_end',
    does: ({ session }) => void setTimeout(() => void session.play(BYTES), 50),
  },
  { title: 'a handler that never returns', at: 'dtmf_input', does: hang },
  { title: 'a whole-call handler that never returns', at: 'session_start', does: hang },
  { title: 'nothing at all thrown', at: 'dtmf_input', does: () => Promise.reject() },
  { title: 'an error that cannot be looked at', at: 'dtmf_input', does: hostile },
  { title: 'an error that cannot be looked at, thrown in passing', at: 'turn_started', does: hostile },
  { title: 'every handler throws', at: 'all', does: boom },
  { title: 'every handler rejects', at: 'all', does: async () => boom() },
  { title: 'every handler hangs', at: 'all', does: hang },
];

/** Every place, by what happens there. */
export const FAULTS: readonly Fault[] = [...inHandlers, ...inSources, ...inCalls];
