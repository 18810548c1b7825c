// The frame of a turn that lets a server know that the caller has finished: found before anything is measured, and corrected
// when a window shows that it was found too late.
import { mode } from '../statistics.ts';
import { TURNS, type TurnName } from '../utterance.ts';
import { type Bench, type LoadedWindow, measureWindow, type WindowRequest } from './measure.ts';
import { MAX_EARLY_SHARE } from './warnings.ts';

/** Callers of a calibration, spread over a frame; each needs one turn. */
const CALIBRATION_CALLS = 5;
/** Beyond a turn. */
const CALIBRATION_MS = 600;
const CALIBRATION_ATTEMPTS = 3;
const AGREEMENT = 0.8;

/** What {@link findDecisionFrame} found. */
export interface DecisionFrame {
  readonly frame: number;
  /** Whether nearly all callers agree. They do, unless the machine was held up while they called. */
  readonly certain: boolean;
}

/**
 * Finds the frame of a turn on which this server knows that the caller has finished: with few callers and frames 20 ms
 * apart, it is the last frame that was sent before the server first showed that it knew.
 */
export async function findDecisionFrame(bench: Bench, turn: TurnName): Promise<DecisionFrame> {
  const lastFrames: number[] = [];
  let failure = '';
  for (let attempt = 1; attempt <= CALIBRATION_ATTEMPTS; attempt++) {
    const window = await measureWindow(bench, {
      calls: CALIBRATION_CALLS,
      turn,
      rampMs: 0,
      settleMs: 0,
      ms: TURNS[turn].turnMs + CALIBRATION_MS,
      decisionFrame: TURNS[turn].turnFrames - 1,
    });
    lastFrames.push(...window.lastFrames);
    failure = window.firstFailure;
    const found = mode(window.lastFrames);
    if (found !== undefined && found.share >= AGREEMENT) return { frame: found.value, certain: true };
  }
  if (lastFrames.length === 0) throw new Error(`No caller got a reply. ${failure}`);
  // A machine that holds up a sign lets more frames be sent before it, never fewer.
  return { frame: Math.min(...lastFrames), certain: false };
}

/** A server whose decision frame is known, and may be corrected. */
export interface Calibrated {
  readonly bench: Bench;
  decisionFrame: number;
}

/**
 * Measures a window. Where replies come before the frame that they were taken to need, the search for it fell into a moment in
 * which the machine was held up: the frame is corrected and the window measured once more.
 */
export async function measureCalibrated(
  calibrated: Calibrated,
  request: Omit<WindowRequest, 'decisionFrame'>,
): Promise<LoadedWindow> {
  const { bench, decisionFrame } = calibrated;
  const window = await measureWindow(bench, { ...request, decisionFrame });
  const corrected = correctDecisionFrame(decisionFrame, window.lastFrames);
  if (corrected === decisionFrame) return window;
  calibrated.decisionFrame = corrected;
  return await measureWindow(bench, { ...request, decisionFrame: corrected });
}

/** The least of the frames after which a server was seen to know, but for one in a hundred; never a later one than was found. */
export function correctDecisionFrame(found: number, lastFrames: readonly number[]): number {
  const sorted = lastFrames.toSorted((a, b) => a - b);
  return Math.min(found, sorted[Math.floor(sorted.length * MAX_EARLY_SHARE)] ?? found);
}
