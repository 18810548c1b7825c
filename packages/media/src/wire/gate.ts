// The gate in front of every RPC: who calls, told before any message is read. A transport asks it and knows nothing behind it.

/** Who calls, as a token of Webex says that was verified. */
export interface CallIdentity {
  /** The customer organization: UUID in lower case. */
  readonly organization: string;
  /** URL of the data source that the call came for, as registered. */
  readonly dataSourceUrl: string;
  readonly schemaId: string;
  /** Who signed the token. */
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly subject: string;
  /** End of the token; ms since 1970. */
  readonly expiresAt: number;
}

/** What a transport tells of a request. */
export interface GateRequest {
  /** The value of the `authorization` header or metadata. */
  readonly authorization: string | undefined;
  /** Webex's id of the request, for the log. */
  readonly trackingId: string | undefined;
  /** What is asked for: a path. */
  readonly method: string;
}

/** Whether a request is let in. */
export type Admission =
  | {
      readonly admitted: true;
      /** Undefined where tokens are not enforced and this one was not good. */
      readonly identity: CallIdentity | undefined;
    }
  | { readonly admitted: false };

/** Decides about requests: at once where a token is known, and never by an exception. */
export type Gate = (request: GateRequest) => Admission | Promise<Admission>;

/** What a refused peer is told, whatever the reason. */
export const REFUSAL_TEXT = 'The call is not authenticated.';
