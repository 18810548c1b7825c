// The gate in front of every RPC: a service takes an Admission, and only the guard makes one. A transport that forgets to ask
// the gate has nothing to call a service with.

/** The caller, as a verified token of Webex names it. */
export interface CallIdentity {
  /** The customer organization: UUID in lower case. */
  readonly organization: string;
  /** URL of the data source that the call came for, as registered. */
  readonly dataSourceUrl: string;
  readonly schemaId: string;
  /** Issuer of the token. */
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly subject: string;
  /** End of the token; ms since 1970. */
  readonly expiresAt: number;
}

let mint: (identity: CallIdentity | undefined) => Admission;

/**
 * Proof that the guard let a request in. Services require one for each RPC; its constructor is private, and a test keeps
 * {@link mintAdmission} inside the guard.
 */
export class Admission {
  readonly #identity: CallIdentity | undefined;

  private constructor(identity: CallIdentity | undefined) {
    this.#identity = identity;
  }

  static {
    mint = (identity) => new Admission(identity);
  }

  /** The caller; undefined where tokens are not enforced and the request had no valid one. */
  get identity(): CallIdentity | undefined {
    return this.#identity;
  }
}

/** Makes an admission. For the guard alone. */
export function mintAdmission(identity: CallIdentity | undefined): Admission {
  return mint(identity);
}

/** What a transport says of a request. */
export interface GateRequest {
  /** The value of the `authorization` header or metadata. */
  readonly authorization: string | undefined;
  /** Webex's id of the request, for the log. */
  readonly trackingId: string | undefined;
  /** The path of the request. */
  readonly method: string;
}

/** Decides about requests: at once where a token is known, and never by an exception. Undefined refuses the request. */
export type Gate = (request: GateRequest) => Admission | undefined | Promise<Admission | undefined>;

/** The text that a refused client is sent, whatever the reason. */
export const REFUSAL_TEXT = 'The call is not authenticated.';
