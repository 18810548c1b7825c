// The errors that the server emits in one call: what a test must not overlook, since the caller is answered by policy all
// the same.
import type { ByovaError } from '@byova/auth/errors';
import type { EmittedError, InProcess } from '../../server/in-process.ts';
import type { CallRecord } from '../caller/call-record.ts';
import type { DialErrorInit } from '../dial-error.ts';

/** What the errors of a call are gathered from. */
export interface AgentErrorsOptions {
  readonly server: InProcess;
  readonly conversationId: string;
  readonly organization: string;
  readonly record: CallRecord;
  /** Whether the test is about errors. */
  readonly expected: boolean;
  /** Called when an error has been emitted. */
  readonly onEmitted: () => void;
}

/** The name of the policy's event where nothing handles what the caller does. */
const UNHANDLED = 'unhandled_input';
const HINT = "Dial with errors: 'expected' if the test means that.";

/** What was thrown, in a line. What a handler throws may be anything, also an object that throws when it is looked at. */
function inWords(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'something that cannot be shown';
  }
}

function describe({ error, handler }: EmittedError): string {
  if (error.code === 'HANDLER_FAILED') return `The handler of '${handler}' threw: ${inWords(error.cause)}`;
  const where = handler === undefined ? '' : ` (in '${handler}')`;
  return `The server emitted ${error.code}${where}: ${error.message}`;
}

/** The errors of one call. */
export class AgentErrors {
  readonly #options: AgentErrorsOptions;
  readonly #emitted: ByovaError[] = [];
  #failure: DialErrorInit | undefined;

  constructor(options: AgentErrorsOptions) {
    this.#options = options;
    options.server.errorListeners.add(this.#onError);
  }

  /** Every error so far, in order. */
  get all(): readonly ByovaError[] {
    return this.#emitted;
  }

  /** Why the call has failed; `undefined` while it has not, or when the test expects errors. */
  get failure(): DialErrorInit | undefined {
    return this.#options.expected ? undefined : this.#failure;
  }

  /** Notes that the server's policy finished the call under this name. */
  noteEnding(name: string): void {
    if (name !== UNHANDLED) return;
    this.#fail("Twice in a row nothing handled what the caller did, so the server's policy finished the call.");
  }

  /** Ends the watch: the call is over. */
  stop(): void {
    this.#options.server.errorListeners.delete(this.#onError);
  }

  readonly #onError = (emitted: EmittedError): void => {
    const { conversationId, organization } = this.#options;
    if (emitted.conversationId !== conversationId || emitted.organization !== organization) return;
    this.#emitted.push(emitted.error);
    this.#fail(describe(emitted), emitted.error);
  };

  #fail(message: string, cause?: ByovaError): void {
    const { record, onEmitted } = this.#options;
    record.add('problem', message.split('\n', 1)[0] ?? '');
    this.#failure ??= { code: 'AGENT_FAILED', message: `${message}\n${HINT}`, cause };
    onEmitted();
  }
}
