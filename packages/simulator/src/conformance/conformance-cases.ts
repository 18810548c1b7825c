// All cases, in the order of their numbers.
import { EVENT_CASES } from './cases/events.ts';
import { FORKING_CASES } from './cases/forking.ts';
import { KEY_CASES } from './cases/keys.ts';
import { LOAD_CASES } from './cases/load.ts';
import { OVERLAP_CASES } from './cases/overlap.ts';
import { REFUSAL_CASES } from './cases/refusals.ts';
import { SERVICE_CASES } from './cases/services.ts';
import { SPEECH_CASES } from './cases/speech.ts';
import { STREAMING_CASES } from './cases/streaming.ts';
import { TOKEN_CASES } from './cases/token.ts';
import { WEBSOCKET_CASES } from './cases/websocket.ts';
import { WELCOME_CASES } from './cases/welcome.ts';
import type { ConformanceCase } from './conformance-case.ts';

function numberOf({ id }: ConformanceCase): number {
  return Number(id.slice(1));
}

/** Every case. */
export const CONFORMANCE_CASES: readonly ConformanceCase[] = [
  ...WELCOME_CASES,
  ...SPEECH_CASES,
  ...KEY_CASES,
  ...EVENT_CASES,
  ...OVERLAP_CASES,
  ...REFUSAL_CASES,
  ...TOKEN_CASES,
  ...SERVICE_CASES,
  ...STREAMING_CASES,
  ...LOAD_CASES,
  ...FORKING_CASES,
  ...WEBSOCKET_CASES,
].sort((one, other) => numberOf(one) - numberOf(other));
