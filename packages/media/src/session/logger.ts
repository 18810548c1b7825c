// What a logger must have for this package: the shape that pino and the like have already.

/** A logger of objects with a message; pino satisfies it. */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

const nothing = (): void => {};

/** Says nothing: the default. */
export const silentLogger: Logger = Object.freeze({ debug: nothing, info: nothing, warn: nothing, error: nothing });

/** A logger that writes in the background may fail there. */
async function ignoreFailure(written: Promise<unknown>): Promise<void> {
  try {
    await written;
  } catch {
    // As above.
  }
}

/** Writes to a logger whose failures are nobody's business: a line that cannot be written must not cost a call. */
export function guardedLogger(logger: Logger): Logger {
  if (logger === silentLogger) return logger;
  const guard =
    (level: keyof Logger): Logger['info'] =>
    (fields, message) => {
      try {
        const written: unknown = logger[level](fields, message);
        if (written instanceof Promise) ignoreFailure(written);
      } catch {
        // There is nowhere left to tell it.
      }
    };
  return { debug: guard('debug'), info: guard('info'), warn: guard('warn'), error: guard('error') };
}

/** A class: there is one for each call. */
class FieldsLogger implements Logger {
  readonly #logger: Logger;
  readonly #added: Readonly<Record<string, unknown>>;

  constructor(logger: Logger, added: Readonly<Record<string, unknown>>) {
    this.#logger = logger;
    this.#added = added;
  }

  debug(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#logger.debug({ ...this.#added, ...fields }, message);
  }

  info(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#logger.info({ ...this.#added, ...fields }, message);
  }

  warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#logger.warn({ ...this.#added, ...fields }, message);
  }

  error(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#logger.error({ ...this.#added, ...fields }, message);
  }
}

/** Adds the same fields to every line. */
export function withFields(logger: Logger, added: Readonly<Record<string, unknown>>): Logger {
  return logger === silentLogger ? logger : new FieldsLogger(logger, added);
}
