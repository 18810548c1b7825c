// Every export of @byova/media/reducer, by name.
/**
 * An agent as one pure function from turn to turn, on top of sessions.
 *
 * @module @byova/media/reducer
 */
export type { ReduceTurnsOptions } from './reduce-turns.ts';
export { reduceTurns } from './reduce-turns.ts';
export type {
  JsonState,
  OnlyJson,
  ReducerCall,
  ReducerContinues,
  ReducerEnds,
  ReducerInput,
  ReducerLeave,
  ReducerOutcome,
  ReducerTransfers,
  TurnReducer,
} from './turn-reducer.ts';
