// Errors about who may do what: the person who authorizes the Integration, and the organizations that authorize the app.
import { ByovaError } from './byova-error.ts';
import { WebexError, type WebexErrorDetails } from './webex-errors.ts';

/**
 * The refresh token is dead or missing and nothing automatic is left: a person has to authorize again.
 *
 * For the Integration call `authorize()`; for a sandbox organization, `registerOrganization` with a new refresh token.
 *
 * @example
 * ```ts
 * import { IntegrationTokenManager, MemoryTokenStore, ReauthorizationRequiredError } from '@byova/auth';
 *
 * const integration = new IntegrationTokenManager({ clientId: 'id', clientSecret: 'secret', store: new MemoryTokenStore() });
 * try {
 *   await integration.getAccessToken();
 * } catch (error) {
 *   if (error instanceof ReauthorizationRequiredError) console.log(error.credential); // integration: nobody has authorized it
 * }
 * ```
 */
export class ReauthorizationRequiredError extends WebexError {
  declare readonly code: 'REAUTHORIZATION_REQUIRED';
  /** Whose authorization has ended. */
  readonly credential: 'integration' | 'service_app';
  /** The organization (UUID), for a Service App token. */
  readonly organization: string | undefined;
  constructor(
    details: WebexErrorDetails & {
      readonly credential: 'integration' | 'service_app';
      readonly organization?: string | undefined;
    },
  ) {
    super({
      ...details,
      code: 'REAUTHORIZATION_REQUIRED',
      message:
        details.credential === 'integration'
          ? 'The Integration is not authorized any more. A person has to authorize it again.'
          : `The refresh token of organization ${details.organization} is dead, and no Integration is there to mint another. Register a new one.`,
      retryable: false,
    });
    this.credential = details.credential;
    this.organization = details.organization;
  }
}

/** The organization has not authorized the Service App, or not any more. A Full Administrator of it does that in Control Hub. */
export class OrganizationNotAuthorizedError extends WebexError {
  declare readonly code: 'ORGANIZATION_NOT_AUTHORIZED';
  /** The organization, as a UUID. */
  readonly organization: string;
  constructor(details: WebexErrorDetails & { readonly organization: string }) {
    super({
      ...details,
      code: 'ORGANIZATION_NOT_AUTHORIZED',
      message: `Organization ${details.organization} has not authorized the Service App. A Full Administrator of it does that in Control Hub, under Apps.`,
      retryable: false,
    });
    this.organization = details.organization;
  }
}

/** The person refused, or Webex did: the redirect came back with `?error=`. */
export class AuthorizationRefusedError extends ByovaError {
  declare readonly code: 'AUTHORIZATION_REFUSED';
  /** The OAuth error code, for example `access_denied`. */
  readonly reason: string;
  constructor(reason: string) {
    super({
      code: 'AUTHORIZATION_REFUSED',
      message: `The authorization was refused (${reason}). Start it again; for invalid_scope, select the scopes on the Integration first.`,
    });
    this.reason = reason;
  }
}

/** Why a redirect is not an answer to an authorization of ours. */
export type StateProblem = 'missing' | 'unknown' | 'expired' | 'other_session';

/** The `state` of a redirect is not one that was given out and is still open: a replay, a forgery, or one that came too late. */
export class AuthorizationStateError extends ByovaError {
  declare readonly code: 'AUTHORIZATION_STATE_INVALID';
  /** What is wrong with it. A used state is `unknown`: each is good once. */
  readonly problem: StateProblem;
  constructor(problem: StateProblem) {
    super({
      code: 'AUTHORIZATION_STATE_INVALID',
      message: `The redirect does not belong to an open authorization (state ${problem.replace('_', ' ')}). Start the authorization again.`,
    });
    this.problem = problem;
  }
}

/** Nobody finished the authorization in time. */
export class AuthorizationTimeoutError extends ByovaError {
  declare readonly code: 'AUTHORIZATION_TIMEOUT';
  constructor() {
    super({
      code: 'AUTHORIZATION_TIMEOUT',
      message: 'Nobody finished the authorization in time. Start it again, or give it more time.',
      retryable: true,
    });
  }
}
