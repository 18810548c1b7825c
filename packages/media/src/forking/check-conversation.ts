// Checks what a handler of forked audio hands to its conversation.
import { z } from 'zod';
import { checkOptions } from '../checks/check-options.ts';
import { kindOf } from '../checks/kind-of.ts';
import { ms } from '../checks/schemas.ts';
import { MediaError } from '../errors/media-errors.ts';
import type { LegRole } from '../wire/fork-port.ts';
import type { LegAudioOptions } from './conversation.ts';

const ROLES: ReadonlySet<unknown> = new Set<LegRole>(['caller', 'agent', 'unknown']);

const leg = z.strictObject({ pieceMs: ms.min(1).optional() });

function invalid(message: string): MediaError {
  return new MediaError({ code: 'OPTIONS_INVALID', message });
}

/** Checks what is called for each frame. @throws MediaError `OPTIONS_INVALID` */
export function checkListener(listener: unknown): void {
  if (typeof listener === 'function') return;
  throw invalid(`onAudio: the listener is ${kindOf(listener).name}; give a function.`);
}

/** Checks which leg is read, and how. @throws MediaError `OPTIONS_INVALID` */
export function checkLeg(role: unknown, options: unknown): LegAudioOptions {
  if (!ROLES.has(role)) throw invalid("leg: the role is none; give 'caller', 'agent' or 'unknown'.");
  return checkOptions(leg, 'leg', options);
}
