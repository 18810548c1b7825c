// Mints a Service App token for an organization, in the name of the Integration. webex/rest.md section 2.
import { OrganizationNotAuthorizedError, ReauthorizationRequiredError } from '../errors/authorization-errors.ts';
import {
  AuthenticationError,
  NotFoundError,
  PermissionDeniedError,
  ValidationError,
  type WebexError,
} from '../errors/webex-errors.ts';
import type { AccessTokenSource, HttpClient } from '../http/http-client.ts';
import { urlPath } from '../http/url-path.ts';
import { encodeOrganizationId } from '../ids/organization-id.ts';
import type { ClientCredentials } from '../oauth/token-endpoint.ts';
import { type TokenResponse, tokenResponseSchema } from './token-set.ts';

/** What a mint needs. */
export interface MintRequest {
  readonly applicationId: string;
  /** The Service App's own client. */
  readonly client: ClientCredentials;
  /** UUID. */
  readonly organization: string;
  /** The organization as the webhook named it: sent first. */
  readonly wireOrganization: string;
  readonly integration: AccessTokenSource;
  readonly signal: AbortSignal | undefined;
}

/** @throws OrganizationNotAuthorizedError, ReauthorizationRequiredError (of the Integration), other WebexErrors */
export async function mintToken(http: HttpClient, request: MintRequest): Promise<TokenResponse> {
  const { organization, wireOrganization } = request;
  try {
    return await mint(http, request, wireOrganization);
  } catch (error) {
    if (!(error instanceof NotFoundError || error instanceof ValidationError)) throw typed(error, organization);
    // Sources disagree on the form of targetOrgId: the other one is tried once.
    const other = encodeOrganizationId(wireOrganization, wireOrganization === organization ? 'hydra' : 'uuid');
    return mint(http, request, other).catch((second: unknown) => {
      throw typed(second, organization);
    });
  }
}

async function mint(http: HttpClient, request: MintRequest, targetOrgId: string): Promise<TokenResponse> {
  const { data } = await http.request({
    method: 'POST',
    path: urlPath`/applications/${request.applicationId}/token`,
    authorization: request.integration,
    json: { clientId: request.client.clientId, clientSecret: request.client.clientSecret, targetOrgId },
    secrets: [request.client.clientSecret],
    schema: tokenResponseSchema,
    // A token that was minted and lost is no harm.
    retry: 'idempotent',
    signal: request.signal,
  });
  return data;
}

function typed(error: unknown, organization: string): unknown {
  const details = ({ status, trackingId, method, path, serverMessage }: WebexError) => ({
    status,
    trackingId,
    method,
    path,
    serverMessage,
  });
  // 403 is a missing scope as well; what Webex says is in the message.
  if (error instanceof PermissionDeniedError)
    return new OrganizationNotAuthorizedError({ ...details(error), organization });
  if (error instanceof AuthenticationError)
    return new ReauthorizationRequiredError({ ...details(error), credential: 'integration' });
  return error;
}
