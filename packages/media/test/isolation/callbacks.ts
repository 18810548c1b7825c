// Functions that a program gives to a server, each of which gives an odd value back.
import { type MediaPlugin, type MediaServer, type MediaServerOptions, MemorySessionStore } from '@byova/media';

/** What a server is made with, and what is added to it. */
export interface OddServer {
  readonly options: Partial<MediaServerOptions<unknown>>;
  readonly prepare?: (server: MediaServer<unknown>) => void;
}

/** A function, and a server to which it is given; `odd` makes what it gives back. */
export interface Callback {
  readonly name: string;
  readonly serve: (odd: () => unknown) => OddServer;
}

const options =
  (make: (odd: () => never) => Partial<MediaServerOptions<unknown>>): Callback['serve'] =>
  (odd) => ({ options: make(odd as () => never) });

const plugin =
  (hook: keyof MediaPlugin): Callback['serve'] =>
  (odd) => ({ options: {}, prepare: (server) => void server.use({ name: 'odd', [hook]: odd }) });

const detector = (member: string): Callback['serve'] =>
  options((odd) => ({
    speech: ({ sampleRateHz }) => {
      const right = { sampleRateHz, push: () => 'none' as const, reset: () => {} };
      const isFunction = member === 'push' || member === 'reset';
      return Object.defineProperty(right, member, isFunction ? { value: odd } : { get: odd });
    },
  }));

/** A detector that finds speech as the built-in one does not: at once, and for ever. */
const figure = (name: 'lagMs' | 'quietMs'): Callback['serve'] =>
  options((odd) => ({
    interruption: { minSpeechMs: 100, falseStartMs: 300 },
    speech: ({ sampleRateHz }) => {
      let blocks = 0;
      const right = {
        sampleRateHz,
        push() {
          blocks += 1;
          return blocks % 40 === 10 ? ('started' as const) : blocks % 40 === 0 ? ('ended' as const) : ('none' as const);
        },
        reset() {
          blocks = 0;
        },
      };
      return Object.defineProperty(right, name, { get: odd });
    },
  }));

const store = (method: 'load' | 'save' | 'delete'): Callback['serve'] =>
  options((odd) => {
    const right = new MemorySessionStore();
    const odder = {
      load: right.load.bind(right),
      save: right.save.bind(right),
      delete: right.delete.bind(right),
      [method]: odd,
    };
    return { store: odder, state: () => ({}), limits: { turnTimeoutMs: 300, storeTimeoutMs: 100 } };
  });

const logger = (): Callback['serve'] =>
  options((odd) => ({ logger: { debug: odd, info: odd, warn: odd, error: odd } }));

/** Every function that a server calls. */
export const CALLBACKS: readonly Callback[] = [
  { name: 'agents', serve: options((odd) => ({ agents: odd })) },
  { name: 'agents, of one agent', serve: options((odd) => ({ agents: () => [odd()] })) },
  {
    name: 'agents, with an attribute',
    serve: options((odd) => ({ agents: async () => [{ id: 'demo', name: 'Demo', attributes: { a: odd() } }] })),
  },
  { name: 'state', serve: options((odd) => ({ state: odd })) },
  { name: 'state, with a store', serve: options((odd) => ({ state: odd, store: new MemorySessionStore() })) },
  {
    name: 'mergeState',
    serve: options((odd) => ({ state: () => ({}), mergeState: odd, store: new MemorySessionStore() })),
  },
  { name: 'store.load', serve: store('load') },
  { name: 'store.save', serve: store('save') },
  { name: 'store.delete', serve: store('delete') },
  { name: 'isFalseStart', serve: options((odd) => ({ interruption: { falseStartMs: 5000, isFalseStart: odd } })) },
  { name: 'speech', serve: options((odd) => ({ speech: odd })) },
  { name: 'speech: push', serve: detector('push') },
  { name: 'speech: reset', serve: detector('reset') },
  { name: 'speech: sampleRateHz', serve: detector('sampleRateHz') },
  { name: 'speech: pushCoded', serve: detector('pushCoded') },
  { name: 'speech: lagMs', serve: figure('lagMs') },
  { name: 'speech: quietMs', serve: figure('quietMs') },
  { name: 'errorPrompt', serve: options((odd) => ({ errorPrompt: odd })) },
  { name: 'logger', serve: logger() },
  { name: 'plugin: observe', serve: plugin('observe') },
  { name: 'plugin: admit', serve: plugin('admit') },
  { name: 'plugin: around', serve: plugin('around') },
  { name: 'plugin: callerAudio', serve: plugin('callerAudio') },
  { name: 'plugin: agentAudio', serve: plugin('agentAudio') },
  { name: 'plugin: agentAudioCut', serve: plugin('agentAudioCut') },
  { name: 'plugin: close', serve: plugin('close') },
];
