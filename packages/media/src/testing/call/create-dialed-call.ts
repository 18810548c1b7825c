// The methods of a dialled call, on top of the caller and its time.
import type { InProcess } from '../../server/in-process.ts';
import type { JsonObject } from '../../wire/json.ts';
import type { CallRecord, Happening } from '../caller/call-record.ts';
import type { Caller } from '../caller/caller.ts';
import { DialError, type DialErrorInit } from '../dial-error.ts';
import { loadSpeech } from '../voice.ts';
import type { AgentErrors } from './agent-errors.ts';
import type { CallTime } from './borrowed-clock.ts';
import type { CallEnding, DialedCall, PromptMatcher } from './dialed-call.ts';
import { type KnownPrompts, loadPromptAudio } from './known-prompts.ts';
import { createPromptFinder, type Sought } from './prompt-finder.ts';

const DEFAULT_WITHIN_MS = 30_000;
const DEFAULT_LISTEN_MS = 60_000;
const DEFAULT_KEY_PAUSE_MS = 200;
/** How long handlers of the end may keep a test waiting beyond the server's own bound, in ms. */
const END_MS = 6000;
const KEYS = /^[0-9*#A-D]{1,64}$/;

/** What a call is made from. */
export interface DialedCallParts {
  readonly conversationId: string;
  readonly server: InProcess;
  readonly caller: Caller;
  readonly record: CallRecord;
  readonly errors: AgentErrors;
  readonly time: CallTime;
  readonly known: KnownPrompts;
  readonly startedMs: number;
  readonly callMs: number;
}

/** What the runner of scenarios needs besides. */
export interface InnerCall {
  readonly call: DialedCall;
  readonly happenings: readonly Happening[];
  /** How many happenings there were when the caller last did something. */
  readonly actedAt: number;
  /** Whether the call is over, or as good as: the agent has finished it. */
  readonly finished: boolean;
  /** Waits for something until a moment of the call's clock. */
  until(met: () => boolean, withinMs: number): Promise<boolean>;
  /** The same; without a bound, for `defaultMs` and the time in which the caller hears audio besides. */
  untilOrBy(met: () => boolean, withinMs: number | undefined, defaultMs: number): Promise<boolean>;
  fail(init: DialErrorInit): never;
  /** Everything has been replied to, and all of it has been heard. */
  readonly quiet: boolean;
  /** Something plays. */
  readonly hearing: boolean;
  note(text: string): void;
  /** Waits until everything is completed. */
  settle(): Promise<void>;
}

/** A happening in words. */
export function describeHappening({ kind, name, metadata }: Happening): string {
  const what = kind === 'prompt' ? 'a prompt began' : `the agent sent ${kind}`;
  const data = Object.keys(metadata).length === 0 ? '' : ` with ${JSON.stringify(metadata)}`;
  return `${what}${name === '' ? '' : ` named ${name}`}${data}`;
}

function describeMatcher(matcher: PromptMatcher | undefined): string {
  if (matcher === undefined) return 'a prompt';
  if (typeof matcher === 'string') return `the prompt "${matcher}"`;
  if (matcher instanceof RegExp) return `a prompt like ${String(matcher)}`;
  if (matcher instanceof URL) return `the prompt ${matcher.href}`;
  return typeof matcher === 'function' ? 'a prompt that fits the function' : 'the prompt given by its audio';
}

/** Makes a call that has begun. */
export function createDialedCall(parts: DialedCallParts): InnerCall {
  const { caller, record, errors, time, known, server } = parts;
  const { clock, pacer } = time;
  const finder = createPromptFinder(caller.earpiece, known.describe);
  const limitMs = parts.startedMs + parts.callMs;
  let actedAt = 0;
  /** Events of the agent before this one were matched. */
  let eventsFrom = 0;

  const told = ({ message, ...init }: DialErrorInit): DialError =>
    new DialError({ ...init, message: `${message}\n\nThe call:\n${record.text}` });

  const check = (): void => {
    const { failure } = caller;
    if (failure !== undefined) throw told({ code: failure.code, message: failure.message, cause: failure.cause });
    if (errors.failure !== undefined) {
      // Its line stands in the timeline where it was emitted.
      caller.fail(new DialError(errors.failure));
      release();
      throw told(errors.failure);
    }
    if (record.violations.length === 0) return;
    const list = record.violations.map((text) => `- ${text}`).join('\n');
    fail({ code: 'CONTRACT_VIOLATED', message: `The server broke the contract:\n${list}` });
  };

  const fail = (init: DialErrorInit): never => {
    record.add('problem', init.message.split('\n', 1)[0] ?? '');
    caller.fail(new DialError(init));
    release();
    throw told(init);
  };

  const release = (): void => {
    errors.stop();
    time.release();
  };

  const until = async (met: () => boolean, withinMs: number): Promise<boolean> => {
    const broken = (): boolean =>
      caller.failure !== undefined || errors.failure !== undefined || record.violations.length > 0;
    const untilMs = Math.min(clock.now() + withinMs, limitMs);
    const reached = await pacer.run(() => broken() || met(), untilMs);
    check();
    if (reached || untilMs < limitMs || caller.outcome !== undefined) return reached;
    return fail({ code: 'LIMIT_EXCEEDED', message: `The call took ${parts.callMs} ms, its limits.callMs.` });
  };

  /** Waits as `until` does. A bound that the test does not name leaves out the time in which the caller hears audio. */
  const untilOrBy = async (met: () => boolean, withinMs: number | undefined, defaultMs: number): Promise<boolean> => {
    if (withinMs !== undefined) return until(met, withinMs);
    let waitMs = defaultMs;
    while (waitMs > 0) {
      if (await until(met, waitMs)) return true;
      waitMs = caller.earpiece.soundUntilMs + defaultMs - clock.now();
    }
    return false;
  };

  const isOver = (): boolean => caller.outcome !== undefined;

  const settle = async (): Promise<void> => {
    await until(() => caller.settled, parts.callMs);
    await until(() => server.registry.endings === 0, END_MS);
    release();
  };

  /** Waits until there is somebody to do something to. */
  const beginAction = async (what: string): Promise<void> => {
    check();
    if (!isOver()) await until(() => caller.answered || isOver(), parts.callMs);
    if (isOver())
      throw told({ code: 'CALL_OVER', message: `The caller cannot ${what}: the call is over (${caller.outcome}).` });
    actedAt = record.happenings.length;
    eventsFrom = actedAt;
    finder.forgetHeard();
  };

  const soughtBy = async (matcher: PromptMatcher | undefined): Promise<Sought> => {
    if (matcher === undefined) return { test: undefined };
    if (typeof matcher === 'function') return { test: matcher };
    if (typeof matcher !== 'string' && !(matcher instanceof RegExp)) {
      const audio = await loadPromptAudio(matcher);
      if (audio.length === 0)
        throw new DialError({ code: 'AUDIO_UNUSABLE', message: 'A prompt without audio cannot be heard.' });
      return { audios: [audio] };
    }
    const fits = (text: string): boolean =>
      typeof matcher === 'string' ? text.includes(matcher) : text.search(matcher) >= 0;
    const audios = known.audiosOf(fits);
    if (audios.length > 0) return { audios };
    const list = known.texts.length === 0 ? 'none' : known.texts.map((text) => `"${text}"`).join(', ');
    throw new DialError({
      code: 'ARGUMENT_INVALID',
      message:
        `No text of a prompt fits ${String(matcher)}. A call carries audio alone: give dial() the prompt with its text in ` +
        `\`texts\`. Known are: ${list}.`,
    });
  };

  const finishedBy = async (event: 'transfer' | 'end', withinMs: number | undefined): Promise<CallEnding> => {
    const what = event === 'transfer' ? 'be transferred' : 'be ended by the agent';
    const done = await untilOrBy(() => caller.terminal !== undefined || isOver(), withinMs, DEFAULT_WITHIN_MS);
    if (!done) {
      const bound = `within ${withinMs ?? DEFAULT_WITHIN_MS} ms`;
      fail({ code: 'EXPECTATION_FAILED', message: `The call was to ${what} ${bound}, but goes on.` });
    }
    const { terminal } = caller;
    if (terminal?.event !== event) {
      const instead =
        terminal === undefined
          ? `is over: ${caller.outcome}`
          : describeHappening({ ...terminal, kind: terminal.event });
      return fail({ code: 'EXPECTATION_FAILED', message: `The call was to ${what}, but ${instead}.` });
    }
    await until(isOver, parts.callMs);
    await settle();
    return {
      name: terminal.name,
      metadata: terminal.metadata,
      summary: caller.summary ?? '',
      transcript: caller.transcript ?? '',
    };
  };

  const call: DialedCall = {
    conversationId: parts.conversationId,
    get outcome() {
      return caller.outcome;
    },
    get errors() {
      return errors.all;
    },
    get elapsedMs() {
      return clock.now() - parts.startedMs;
    },
    get timeline() {
      return record.text;
    },
    async heard(matcher, options = {}) {
      const { withinMs, until: edge = 'end' } = options;
      const sought = await soughtBy(matcher);
      const wanted = describeMatcher(matcher);
      await untilOrBy(() => finder.find(sought) !== undefined || isOver(), withinMs, DEFAULT_WITHIN_MS);
      const found = finder.find(sought);
      if (found === undefined) {
        const bound = `within ${withinMs ?? DEFAULT_WITHIN_MS} ms`;
        const why = isOver() ? `but the call is over: ${caller.outcome}` : bound;
        return fail({ code: 'EXPECTATION_FAILED', message: `The caller was to hear ${wanted}, ${why}.` });
      }
      found.take();
      if (edge === 'end') await until(() => found.over, parts.callMs);
      return found.view;
    },
    async heardAll({ withinMs } = {}) {
      if (await untilOrBy(() => caller.quiet || isOver(), withinMs, DEFAULT_LISTEN_MS)) return;
      const bound = `within ${withinMs ?? DEFAULT_LISTEN_MS} ms`;
      fail({ code: 'EXPECTATION_FAILED', message: `The agent was to have said everything ${bound}.` });
    },
    async say(speech) {
      const audio = await loadSpeech(speech);
      await beginAction('speak');
      caller.say(audio);
      await until(() => !caller.speaking, parts.callMs);
    },
    async press(keys, { everyMs = DEFAULT_KEY_PAUSE_MS } = {}) {
      if (!KEYS.test(keys))
        throw new DialError({ code: 'ARGUMENT_INVALID', message: 'Press 1 to 64 of the keys 0-9, *, #, A-D.' });
      await beginAction('press a key');
      for (const [index, key] of [...keys].entries()) {
        if (index > 0) await until(isOver, everyMs);
        if (isOver()) return;
        caller.press(key, index > 0);
      }
    },
    async wait(ms) {
      await until(isOver, ms);
    },
    async sendEvent(name, parameters: JsonObject = {}) {
      await beginAction('get an event');
      caller.sendCustomEvent(name, parameters);
    },
    async hangUp() {
      caller.hangUp();
      await settle();
    },
    async reset() {
      caller.reset();
      await settle();
    },
    async event(name, { withinMs } = {}) {
      const place = (): number =>
        record.happenings.findIndex(
          (one, index) =>
            index >= eventsFrom && one.kind === 'custom_event' && (name === undefined || one.name === name),
        );
      await untilOrBy(() => place() >= 0 || isOver(), withinMs, DEFAULT_WITHIN_MS);
      const at = place();
      const happening = record.happenings[at];
      if (happening === undefined) {
        const which = name === undefined ? 'an event' : `the event ${name}`;
        const bound = `within ${withinMs ?? DEFAULT_WITHIN_MS} ms`;
        return fail({ code: 'EXPECTATION_FAILED', message: `The agent was to send ${which} ${bound}.` });
      }
      eventsFrom = at + 1;
      return { name: happening.name, metadata: happening.metadata };
    },
    transferred: ({ withinMs } = {}) => finishedBy('transfer', withinMs),
    ended: ({ withinMs } = {}) => finishedBy('end', withinMs),
    async expectNothing({ forMs }) {
      const before = record.happenings.length;
      await until(() => record.happenings.length > before, forMs);
      const happening = record.happenings[before];
      if (happening === undefined) return;
      fail({
        code: 'EXPECTATION_FAILED',
        message: `Nothing was to happen for ${forMs} ms, but ${describeHappening(happening)}.`,
      });
    },
  };

  return {
    call,
    happenings: record.happenings,
    get actedAt() {
      return actedAt;
    },
    get finished() {
      return isOver() || caller.terminal !== undefined;
    },
    get quiet() {
      return caller.quiet;
    },
    get hearing() {
      return caller.earpiece.state !== 'idle';
    },
    until,
    untilOrBy,
    fail,
    note: (text) => record.add('test', text),
    settle,
  };
}
