// Those who watch a server: its plugins and the diagnostics channels. What one of them throws is logged, and is nobody
// else's trouble.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { Logger } from '../session/logger.ts';
import { isPublished, publish } from './channels.ts';
import { checkRejection } from './check-plugin.ts';
import type { MediaObservation, MediaObservationType, ObservedCall } from './observation.ts';
import type { CallRejection, CallRequest, HandlerInvocation, MediaPlugin } from './plugin.ts';

/** Those who watch a server. */
export interface Observers {
  add(plugin: MediaPlugin): void;
  /** Whether anybody wants to be told of observations of a type. */
  wants(type: MediaObservationType): boolean;
  tell(observation: MediaObservation): void;
  admit(request: CallRequest): CallRejection | undefined;
  /** Whether anybody puts something around handlers. */
  readonly surround: boolean;
  /** Runs a handler inside what the plugins put around it. */
  around<Result>(invocation: HandlerInvocation, handler: () => Result): Result;
  /** Whether anybody wants the audio of callers. */
  readonly hearCallers: boolean;
  /** Whether anybody wants the audio of agents. */
  readonly hearAgents: boolean;
  callerAudio(call: ObservedCall, audio: Uint8Array, encoding: AudioEncoding, sampleRateHz: number): void;
  agentAudio(call: ObservedCall, audio: Uint8Array, heardAtMs: number): void;
  agentAudioCut(call: ObservedCall, atMs: number): void;
  /** Resolves when every plugin has closed. */
  close(): Promise<void>;
}

/** Whether what was called before threw, or rejected with, just this. */
async function rejectsWith(call: () => unknown, error: unknown): Promise<boolean> {
  try {
    await call();
    return false;
  } catch (thrown) {
    return thrown === error;
  }
}

/** Makes the observers of a server. */
export function createObservers(logger: Logger): Observers {
  const plugins: MediaPlugin[] = [];
  const names = new Map<MediaPlugin, string>();
  let hearCallers = false;
  let hearAgents = false;
  let observed = false;
  let surround = false;

  const failed = (plugin: MediaPlugin, hook: string, error: unknown): void =>
    logger.error({ err: error, plugin: names.get(plugin), hook }, 'a plugin threw');

  /** A hook that is async although it should not be: what it throws later is its own failure, too. */
  const follow = async (plugin: MediaPlugin, hook: string, result: Promise<unknown>): Promise<void> => {
    try {
      await result;
    } catch (error) {
      failed(plugin, hook, error);
    }
  };

  /** The same around a handler: what the handler threw passes through the plugin, and is not the plugin's failure. */
  const followAround = async (plugin: MediaPlugin, result: Promise<unknown>, handler: () => unknown): Promise<void> => {
    try {
      await result;
    } catch (error) {
      if (!(await rejectsWith(handler, error))) failed(plugin, 'around', error);
    }
  };

  const each = (hook: string, call: (plugin: MediaPlugin) => unknown): void => {
    for (const plugin of plugins) {
      try {
        const result = call(plugin);
        if (result instanceof Promise) void follow(plugin, hook, result);
      } catch (error) {
        failed(plugin, hook, error);
      }
    }
  };

  /** What a plugin throws before it has called `next` must not cost the handler its run. */
  const wrap =
    <Result>(plugin: MediaPlugin, invocation: HandlerInvocation, next: () => Result): (() => Result) =>
    () => {
      let outcome: { readonly value: Result } | { readonly thrown: unknown } | undefined;
      const once = (): Result => {
        if (outcome === undefined) {
          try {
            outcome = { value: next() };
          } catch (thrown) {
            outcome = { thrown };
          }
        }
        if ('thrown' in outcome) throw outcome.thrown;
        return outcome.value;
      };
      try {
        const result: unknown = plugin.around?.(invocation, once);
        if (result instanceof Promise) void followAround(plugin, result, once);
      } catch (error) {
        if (outcome === undefined || !('thrown' in outcome) || outcome.thrown !== error)
          failed(plugin, 'around', error);
      }
      return once();
    };

  return {
    add(plugin) {
      plugins.push(plugin);
      names.set(plugin, plugin.name);
      hearCallers ||= plugin.callerAudio !== undefined;
      hearAgents ||= plugin.agentAudio !== undefined || plugin.agentAudioCut !== undefined;
      observed ||= plugin.observe !== undefined;
      surround ||= plugin.around !== undefined;
    },
    wants: (type) => observed || isPublished(type),
    tell(observation) {
      publish(observation);
      each('observe', (plugin) => plugin.observe?.(observation));
    },
    admit(request) {
      let rejection: CallRejection | undefined;
      each('admit', (plugin) => {
        const given: unknown = rejection === undefined ? plugin.admit?.(request) : undefined;
        rejection ??= checkRejection(given);
      });
      return rejection;
    },
    around(invocation, handler) {
      let run = handler;
      for (const plugin of plugins) if (plugin.around !== undefined) run = wrap(plugin, invocation, run);
      return run();
    },
    get surround() {
      return surround;
    },
    get hearAgents() {
      return hearAgents;
    },
    get hearCallers() {
      return hearCallers;
    },
    callerAudio(call, audio, encoding, sampleRateHz) {
      for (const plugin of plugins) {
        try {
          const result: unknown = plugin.callerAudio?.(call, audio, encoding, sampleRateHz);
          if (result instanceof Promise) void follow(plugin, 'callerAudio', result);
        } catch (error) {
          failed(plugin, 'callerAudio', error);
        }
      }
    },
    agentAudio(call, audio, heardAtMs) {
      each('agentAudio', (plugin) => plugin.agentAudio?.(call, audio, heardAtMs));
    },
    agentAudioCut(call, atMs) {
      each('agentAudioCut', (plugin) => plugin.agentAudioCut?.(call, atMs));
    },
    async close() {
      await Promise.all(
        plugins.map(async (plugin) => {
          try {
            await plugin.close?.();
          } catch (error) {
            failed(plugin, 'close', error);
          }
        }),
      );
    },
  };
}
