// Serves calls by a turn reducer: each event of a call becomes an input, each outcome what the session says and expects.
import type { PlaySource } from '../prompt/prompt.ts';
import type { MediaServer } from '../server/media-server.ts';
import { ABORTED, abortable } from '../session/abortable.ts';
import type { MediaEventName, MediaHandler, TurnContext } from '../session/events.ts';
import type { Session } from '../session/session.ts';
import type { Utterance } from '../speech/utterance.ts';
import type { OnlyJson, ReducerInput, ReducerOutcome, TurnReducer } from './turn-reducer.ts';

/** What {@link reduceTurns} needs. */
export interface ReduceTurnsOptions<State, Say> {
  /** The dialogue. */
  readonly turn: TurnReducer<State, Say>;
  /** Makes audio of what the dialogue says: a file by its name, a text by a text-to-speech service. */
  readonly speak: (say: Say) => PlaySource;
  /** Makes text of what the caller says. Without it the dialogue is told that the caller spoke, but not what. */
  readonly transcribe?: (utterance: Utterance, context: { readonly signal: AbortSignal }) => string | Promise<string>;
}

/** Runs tasks of the same key one after another. */
function createLanes(): (key: string, task: () => Promise<void>) => Promise<void> {
  const lasts = new Map<string, Promise<void>>();
  return async (key, task) => {
    const before = lasts.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    lasts.set(key, promise);
    try {
      await before;
      await task();
    } finally {
      resolve();
      if (lasts.get(key) === promise) lasts.delete(key);
    }
  };
}

/** Does what an outcome says; gives a promise, wrapped, of its having been heard. */
function perform<State, Say>(
  session: Session<State>,
  outcome: ReducerOutcome<State, Say>,
  speak: (say: Say) => PlaySource,
): { readonly heard: Promise<unknown> } {
  const prompt = outcome.say === undefined ? undefined : speak(outcome.say);
  const last = prompt === undefined ? {} : { prompt };
  session.state = outcome.state;
  if (outcome.transfer !== undefined) return { heard: session.transfer({ ...outcome.transfer, ...last }) };
  if (outcome.end !== undefined) return { heard: session.end({ ...outcome.end, ...last }) };
  const { expect, emit, bargeIn } = outcome;
  session.expect(expect ?? {});
  if (emit !== undefined) session.emit(emit.name, emit.metadata);
  if (prompt === undefined) return { heard: Promise.resolve() };
  return { heard: session.play(prompt, bargeIn === undefined ? {} : { bargeIn }) };
}

/**
 * Serves the calls of a server by a turn reducer. The state of a call is its `session.state`: what the server's `state`
 * option makes is the first one, and where sessions are stored it moves with the call from replica to replica.
 *
 * The turns of a call run one after another. When the caller does something new before a turn is done, its signal is aborted
 * and what it gives is dropped, state included; only `start` is always carried to its end, for what follows builds on it.
 *
 * @param server - one without handlers of `session_start`, `dtmf_input`, `utterance`, `no_input` and `custom_event`
 * @param options - the dialogue, and its voice
 * @returns a function that takes the handlers away again
 * @throws MediaError `HANDLER_EXISTS` when the server has one of those handlers
 *
 * @example
 * ```ts
 * import { MediaServer, prompt } from '@byova/media';
 * import { reduceTurns } from '@byova/media/reducer';
 *
 * const server = new MediaServer({
 *   agents: [{ id: 'bank', name: 'Bank' }],
 *   state: (): { tries: number } => ({ tries: 0 }),
 * });
 *
 * reduceTurns(server, {
 *   speak: (name: 'ask-pin' | 'wrong-pin' | 'goodbye') => prompt.file(`/srv/prompts/${name}.wav`),
 *   turn(state, input) {
 *     const expect = { mode: 'dtmf', dtmf: { length: 4 }, sensitive: true } as const;
 *     if (input.type === 'digits' && input.digits === '4321') return { state, transfer: { metadata: { queue: 'vip' } } };
 *     if (input.type === 'start') return { state, say: 'ask-pin', expect };
 *     if (state.tries === 2) return { state, say: 'goodbye', end: {} };
 *     return { state: { tries: state.tries + 1 }, say: 'wrong-pin', expect };
 *   },
 * });
 * ```
 */
export function reduceTurns<State, const Say>(
  server: MediaServer<State>,
  options: ReduceTurnsOptions<State, Say> & OnlyJson<State>,
): () => void {
  const { speak, transcribe } = options;
  const inLane = createLanes();

  const serve = async (
    { session, turn }: TurnContext<unknown, State>,
    read: (signal: AbortSignal) => ReducerInput | Promise<ReducerInput>,
    signal: AbortSignal = turn.signal,
  ): Promise<void> => {
    let heard: Promise<unknown> | undefined;
    const reduce = async () => options.turn(structuredClone(session.state), await read(signal), { signal });
    // Only the turn itself holds up the next one: what it says is heard meanwhile, and may be interrupted by it.
    await inLane(`${session.organization}/${session.id}`, async () => {
      if (signal.aborted) return;
      const outcome = await abortable(reduce(), signal);
      if (outcome !== ABORTED && !session.ended) ({ heard } = perform(session, outcome, speak));
    });
    await heard;
  };

  const removers: (() => void)[] = [];
  const remove = (): void => {
    for (const one of removers.splice(0)) one();
  };
  const handle = <Name extends MediaEventName>(name: Name, handler: MediaHandler<Name, State>): void => {
    removers.push(server.on(name, handler));
  };
  try {
    handle('session_start', (context) => {
      const { id, organization, agent } = context.session;
      const call = { id, organization, agentId: agent.id };
      return serve(context, () => ({ type: 'start', call, ...context.event }), context.signal);
    });
    handle('dtmf_input', (context) => {
      const { digits, terminator } = context.event;
      return serve(context, () => ({ type: 'digits', digits, ...(terminator === undefined ? {} : { terminator }) }));
    });
    handle('utterance', (context) => {
      const { utterance } = context.event;
      const { durationMs } = utterance;
      return serve(context, async (signal) => {
        return { type: 'speech', text: (await transcribe?.(utterance, { signal })) ?? '', durationMs };
      });
    });
    handle('no_input', (context) => serve(context, () => ({ type: 'no_input', ...context.event })));
    handle('custom_event', (context) => serve(context, () => ({ type: 'event', ...context.event })));
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}
