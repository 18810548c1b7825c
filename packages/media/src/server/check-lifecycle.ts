// Checks how a server is opened, drained and closed. Calls may depend on it, so a misspelt option is an error before anything
// is done.
import { z } from 'zod';
import { plainBytes } from '../audio/plain-bytes.ts';
import { checkOptions } from '../checks/check-options.ts';
import { functionValue, listOf, ms, valueThat } from '../checks/schemas.ts';
import { playSource } from '../session/check-session-options.ts';
import type { CloseOptions, DrainOptions, ServerListenOptions } from './lifecycle-options.ts';

const MAX_PORT = 65_535;

/** Each is compared with the names in a client's certificate. */
const MAX_CLIENT_SUBJECTS = 10_000;

/** Bytes are used as they were checked: those of a subclass may throw when Node reads them. */
const pem = valueThat(
  (value) => typeof value === 'string' || plainBytes(value) !== undefined,
  'a PEM: a string or bytes',
).transform((value) => plainBytes(value) ?? value);

const tls = z.strictObject({
  key: pem,
  cert: pem,
  clientCa: pem.optional(),
  clientSubject: z.union([listOf(z.string(), MAX_CLIENT_SUBJECTS, 'names'), functionValue]).optional(),
});

const listen = z.strictObject({
  port: z.number().int().min(0).max(MAX_PORT).optional(),
  host: z.string().min(1).optional(),
  reusePort: z.boolean().optional(),
  tls: tls.optional(),
});

const drain = z.strictObject({
  graceMs: ms.optional(),
  atDeadline: z.enum(['transfer', 'end']).optional(),
  prompt: playSource.optional(),
  lastMs: ms.optional(),
});

const close = z.strictObject({ graceMs: ms.optional() });

/** Checks the options of `listen`. @throws MediaError `OPTIONS_INVALID` */
export function checkListen(options: ServerListenOptions): ServerListenOptions {
  return checkOptions(listen, 'listen', options);
}

/** Checks the options of `drain`. @throws MediaError `OPTIONS_INVALID` */
export function checkDrain(options: DrainOptions): DrainOptions {
  return checkOptions(drain, 'drain', options);
}

/** Checks the options of `close`. @throws MediaError `OPTIONS_INVALID` */
export function checkClose(options: CloseOptions): CloseOptions {
  return checkOptions(close, 'close', options);
}
