// Errors of the program itself: an option, an id, a call after close.
import { ByovaError } from './byova-error.ts';

/** An option is missing or cannot be. Thrown at once, before anything is opened or sent. */
export class InvalidOptionsError extends ByovaError {
  declare readonly code: 'OPTIONS_INVALID';
  constructor(message: string) {
    super({ code: 'OPTIONS_INVALID', message });
  }
}

/** A text is not an organization or application id in any of Webex's forms. */
export class InvalidIdError extends ByovaError {
  declare readonly code: 'INVALID_ID';
  constructor(message: string) {
    super({ code: 'INVALID_ID', message });
  }
}

/** The object was closed and takes no more work. */
export class ClosedError extends ByovaError {
  declare readonly code: 'CLOSED';
  constructor(what: string) {
    super({ code: 'CLOSED', message: `${what} was closed. Make a new one.` });
  }
}
