// A refusal, thrown by whatever handles a request. It becomes `{message, errors:[{description}], trackingId}`, or on the
// OAuth endpoints `{error, error_description}` where the platform is set so.
import type { Reply } from './reply.ts';
import { json } from './reply.ts';

/** Why a request is refused. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The code of RFC 6749 or RFC 8628, for a refusal of an OAuth endpoint. */
  readonly oauthCode: string | undefined;

  constructor(status: number, message: string, extra: { oauthCode?: string; headers?: Record<string, string> } = {}) {
    super(message);
    this.status = status;
    this.oauthCode = extra.oauthCode;
    this.headers = extra.headers ?? {};
  }
}

/** How the OAuth endpoints write their refusals. */
export type OAuthErrorShape = 'webex' | 'rfc6749';

/** An error body in the shape of the REST API. */
export function errorBody(message: string, description: string, trackingId: string): Record<string, unknown> {
  return { message, errors: [{ description }], trackingId };
}

/** The reply that a refusal becomes. In the Webex shape an OAuth code stands in the description, alone. */
export function refuse(error: HttpError, trackingId: string, shape: OAuthErrorShape): Reply {
  const { status, headers, message, oauthCode } = error;
  if (oauthCode !== undefined && shape === 'rfc6749') {
    return json({ error: oauthCode, error_description: message }, { status, headers });
  }
  return json(errorBody(message, oauthCode ?? message, trackingId), { status, headers });
}
