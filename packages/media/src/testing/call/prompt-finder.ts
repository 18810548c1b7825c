// Finds the prompt that a test waits for among what the caller hears. In CHUNK mode prompts that follow each other are one
// stretch of audio, so that a prompt whose audio is known is looked for inside of it.
import type { CutCause, Earpiece, PlayedPrompt } from '../caller/earpiece.ts';
import { searchable } from './known-prompts.ts';

/**
 * A prompt that the caller has heard, to its end or in part.
 *
 * @example
 * ```ts
 * import { MediaServer, prompt } from '@byova/media';
 * import { dial } from '@byova/media/testing';
 *
 * const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }] });
 * server.on('session_start', ({ session }) => session.end({ prompt: prompt.tone({ frequencyHz: 440, durationMs: 900 }) }));
 *
 * const call = await dial(server);
 * const { durationMs, cutBy } = await call.heard();
 * console.log(durationMs, cutBy); // 900 undefined
 * await call.ended();
 * ```
 */
export interface HeardPrompt {
  /** Its text, where `texts` of `dial` has it; else empty. */
  readonly text: string;
  /** Mu-law at 8 kHz: all of it, whether it was heard or not. */
  readonly audio: Uint8Array;
  /** Whether speech or a key might stop it. */
  readonly bargeIn: boolean;
  /** When its first sample was heard, in ms of the call. */
  readonly startedAtMs: number;
  /** How long it is. */
  readonly durationMs: number;
  /** How much of it has been heard. */
  readonly heardMs: number;
  /** Why it was not heard to its end; absent when it was, or still plays. */
  readonly cutBy?: CutCause;
}

/** What is looked for: audio, one of several; a prompt of which something holds; or, with nothing, any. */
export type Sought =
  | { readonly audios: readonly Uint8Array[] }
  | { readonly test: ((prompt: HeardPrompt) => boolean) | undefined };

/** A prompt, or the part of a stretch of audio that is one. */
export interface Found {
  /** Whether nothing more of it will be heard. */
  readonly over: boolean;
  readonly view: HeardPrompt;
}

/** Looks through what is heard, from where the last match ended. */
export interface PromptFinder {
  /** The first match that has begun to be heard. `take` it, or it is found again. */
  find(sought: Sought): (Found & { take(): void }) | undefined;
  /** The caller does something: what was heard until now is the past. */
  forgetHeard(): void;
}

interface Place {
  readonly index: number;
  readonly offset: number;
}

const BYTES_PER_MS = 8;

/** Makes the finder of one call. */
export function createPromptFinder(earpiece: Earpiece, describe: (audio: Uint8Array) => string): PromptFinder {
  const { prompts } = earpiece;
  // Known audio may lie in the rest of what plays already; a prompt of which nothing is known must begin anew.
  let audioFrom: Place = { index: 0, offset: 0 };
  let anyFrom: Place = { index: 0, offset: 0 };

  const found = (prompt: PlayedPrompt, from: number, to: number | undefined): Found => {
    const endOf = (): number => to ?? prompt.audio.length;
    return {
      get over() {
        return prompt.over || (to !== undefined && prompt.heardBytes >= to);
      },
      get view() {
        const audio = prompt.audio.subarray(from, endOf());
        const heard = Math.max(0, Math.min(prompt.heardBytes, endOf()) - from);
        const cut = prompt.over && heard < audio.length ? prompt.cutBy : undefined;
        return {
          text: describe(audio),
          audio,
          bargeIn: prompt.bargeIn,
          startedAtMs: Math.round((prompt.startedAtMs ?? 0) + from / BYTES_PER_MS),
          durationMs: audio.length / BYTES_PER_MS,
          heardMs: heard / BYTES_PER_MS,
          ...(cut === undefined ? {} : { cutBy: cut }),
        };
      },
    };
  };

  /** Whether anything from a place on has been or will be heard, and the first of it already has. */
  const hasBegun = (prompt: PlayedPrompt, from: number): boolean => {
    if (prompt.startedAtMs === undefined) return false;
    // What begins at this very moment has begun, though no sample has passed.
    return prompt.over ? prompt.heardBytes > from : prompt.heardBytes >= from;
  };

  const findAudio = (audios: readonly Uint8Array[]) => {
    for (let index = audioFrom.index; index < prompts.length; index += 1) {
      const prompt = prompts[index];
      if (prompt === undefined) continue;
      const offset = index === audioFrom.index ? audioFrom.offset : 0;
      const matches = audios
        .map((audio) => ({ at: searchable(prompt.audio).indexOf(audio, offset), length: audio.length }))
        .filter(({ at }) => at >= 0)
        .sort((a, b) => a.at - b.at || b.length - a.length);
      const [first] = matches;
      if (first === undefined || !hasBegun(prompt, first.at)) continue;
      const end = { index, offset: first.at + first.length };
      return Object.assign(found(prompt, first.at, end.offset), {
        take() {
          audioFrom = end;
          anyFrom = end;
        },
      });
    }
    return undefined;
  };

  const findAny = (test: ((prompt: HeardPrompt) => boolean) | undefined) => {
    for (let index = anyFrom.index; index < prompts.length; index += 1) {
      const prompt = prompts[index];
      const from = index === anyFrom.index ? anyFrom.offset : 0;
      if (prompt === undefined || prompt.audio.length <= from || !hasBegun(prompt, from)) continue;
      const match = found(prompt, from, undefined);
      // How long a prompt is, and what it is, is known when all of it has arrived.
      if (test !== undefined && (prompt.open || !test(match.view))) continue;
      return Object.assign(match, {
        take() {
          audioFrom = { index: index + 1, offset: 0 };
          anyFrom = audioFrom;
        },
      });
    }
    return undefined;
  };

  return {
    find: (sought) => ('audios' in sought ? findAudio(sought.audios) : findAny(sought.test)),
    forgetHeard() {
      const playing = prompts.findIndex(({ over }) => !over);
      const index = playing < 0 ? prompts.length : playing;
      const started = prompts[index]?.startedAtMs !== undefined;
      audioFrom = { index, offset: prompts[index]?.heardBytes ?? 0 };
      anyFrom = { index: started ? index + 1 : index, offset: 0 };
    },
  };
}
