// The way into a server without a socket, for the test kit alone: it is no export of the package, and a server does not
// show it among its members.
import type { ByovaError } from '@byova/auth/errors';
import type { Clock } from '../session/clock.ts';
import type { ClockSwitch } from '../session/clock-switch.ts';
import type { MediaEventName } from '../session/events.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import type { Admission, CallIdentity } from '../wire/gate.ts';
import type { CallService } from '../wire/port.ts';

/** An error that a server emitted in a call. */
export interface EmittedError {
  readonly conversationId: string;
  readonly organization: string;
  readonly error: ByovaError;
  /** The event whose handler failed; `undefined` for an error of the server's own. */
  readonly handler: MediaEventName | undefined;
}

/** What the test kit needs of a server. */
export interface InProcess {
  readonly service: CallService;
  /** Lets in a call that comes by no port. */
  readonly admit: (identity: CallIdentity | undefined) => Admission;
  readonly registry: SessionRegistry;
  readonly clock: ClockSwitch;
  /** What `clock` goes by when nobody has taken it over. */
  readonly ownClock: Clock;
  /** From sending a sample to the caller hearing it, as the server reckons. */
  readonly pathDelayMs: number;
  readonly state: () => 'new' | 'listening' | 'draining' | 'closing' | 'closed';
  /** Called with every error that the server emits in a call, also where it has no handler of `error`. */
  readonly errorListeners: Set<(emitted: EmittedError) => void>;
  /** Called when the server begins to close. */
  onClosing?: (() => void) | undefined;
}

const servers = new WeakMap<object, InProcess>();

/** Opens the way into a server. */
export function openInProcess(server: object, inner: InProcess): void {
  servers.set(server, inner);
}

/** Finds the way into a server; `undefined` for what is none, or comes from another copy of this package. */
export function findInProcess(server: object): InProcess | undefined {
  return servers.get(server);
}
