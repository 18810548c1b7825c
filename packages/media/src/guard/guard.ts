// The guard: verifies the token of every request before anything of it is read, and tells the operator which check failed.
import { type JwsRefusalReason, JwsRefusedError, JwsVerifier } from '@byova/datasources/jws';
import { MediaError } from '../errors/media-errors.ts';
import type { Logger } from '../session/logger.ts';
import type { Admission, Gate, GateRequest } from '../wire/gate.ts';
import { dataSourcesOf, type VerifyOptions } from './verify-options.ts';

/** A request whose token was not good. */
export interface Refusal {
  /** Which check failed. */
  readonly reason: JwsRefusalReason | 'unknown';
  /** What an operator can do about it, where there is something. */
  readonly hint: string | undefined;
  readonly trackingId: string | undefined;
  readonly method: string;
  /** False where tokens are not enforced: the request was let in all the same. */
  readonly enforced: boolean;
}

/** What {@link createGuard} needs. */
export interface GuardOptions {
  readonly verify: VerifyOptions | undefined;
  readonly logger: Logger;
  readonly onRefused: (refusal: Refusal) => void;
}

/** The guard of a server. */
export interface Guard {
  readonly gate: Gate;
  /** Before the server listens. @throws MediaError `VERIFICATION_MISSING` */
  assertReady(): void;
}

const UNKNOWN_CALLER: Admission = Object.freeze({ admitted: true, identity: undefined });
const REFUSED: Admission = Object.freeze({ admitted: false });

const BEARER = 'Bearer ';

/** The token of an `authorization` value: after `Bearer`, or bare, as older platforms send it. */
function bareToken(authorization: string): string | undefined {
  if (!authorization.includes(' ')) return authorization;
  return /^bearer [^ ]+$/i.test(authorization) ? authorization.slice(BEARER.length) : undefined;
}

/**
 * Makes the guard.
 *
 * @throws DataSourceOptionsError when the verifier cannot be made
 */
export function createGuard({ verify, logger, onRefused }: GuardOptions): Guard {
  const enforced = verify?.enforce ?? true;
  const dataSources = verify === undefined ? undefined : dataSourcesOf(verify);
  const verifier =
    verify === undefined || dataSources === undefined ? undefined : new JwsVerifier({ ...verify, dataSources });

  const refuse = ({ trackingId, method }: GateRequest, error: unknown): Admission => {
    const known = error instanceof JwsRefusedError ? error : undefined;
    const refusal: Refusal = { reason: known?.reason ?? 'unknown', hint: known?.hint, trackingId, method, enforced };
    if (known === undefined) logger.error({ err: error, trackingId }, 'the token of a call could not be checked');
    logger.warn({ ...refusal }, enforced ? 'a call was refused' : 'a call would be refused; tokens are not enforced');
    onRefused(refusal);
    return enforced ? REFUSED : UNKNOWN_CALLER;
  };

  return {
    gate(request) {
      if (verifier === undefined) return UNKNOWN_CALLER;
      const { authorization } = request;
      if (authorization === undefined || authorization === '') return refuse(request, new JwsRefusedError('missing'));
      // As nearly every call comes: a token that was verified needs no look at its form.
      const known = authorization.startsWith(BEARER) ? verifier.recall(authorization.slice(BEARER.length)) : undefined;
      if (known !== undefined) return { admitted: true, identity: known };
      const token = bareToken(authorization);
      if (token === undefined) return refuse(request, new JwsRefusedError('malformed'));
      const identity = verifier.recall(token);
      if (identity !== undefined) return { admitted: true, identity };
      return verifier.verify(token).then(
        (verified): Admission => ({ admitted: true, identity: verified }),
        (error: unknown) => refuse(request, error),
      );
    },
    assertReady() {
      if (verifier !== undefined) {
        if (!enforced)
          logger.warn({}, 'tokens of calls are checked but not enforced: whoever reaches the port is let in');
        return;
      }
      if (!enforced) {
        logger.warn({}, 'tokens of calls are not checked: whoever reaches the port is let in');
        return;
      }
      throw new MediaError({
        code: 'VERIFICATION_MISSING',
        message:
          'The server does not know what to verify the token of a call against. Give verify: { datasourceUrl }, the URL exactly as it is registered at Webex, or for development verify: { enforce: false }.',
      });
    },
  };
}
