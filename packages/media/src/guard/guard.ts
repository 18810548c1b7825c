// The guard: verifies the token of every request before anything of it is read, and reports which check failed.
import { type JwsRefusalReason, JwsRefusedError, JwsVerifier } from '@byova/datasources/jws';
import { MediaError } from '../errors/media-errors.ts';
import type { Logger } from '../session/logger.ts';
import { type Admission, type CallIdentity, type GateRequest, mintAdmission } from '../wire/gate.ts';
import { dataSourcesOf, type VerifyOptions } from './verify-options.ts';

/** A request whose token was not valid. */
export interface Refusal {
  /** The check that failed. */
  readonly reason: JwsRefusalReason | 'unknown';
  /** What an operator can do about it, where there is something. */
  readonly hint: string | undefined;
  readonly trackingId: string | undefined;
  readonly method: string;
  /** False where tokens are not enforced: the request was let in all the same. */
  readonly enforced: boolean;
}

/** What a {@link Guard} needs. */
export interface GuardOptions {
  readonly verify: VerifyOptions | undefined;
  readonly logger: Logger;
  readonly onRefused: (refusal: Refusal) => void;
}

/** Characters of a header that are logged. */
const MAX_LOGGED_LENGTH = 128;

const BEARER = 'Bearer ';

/** The token of an `authorization` value: after `Bearer`, or bare, as older platforms send it. */
function bareToken(authorization: string): string | undefined {
  if (!authorization.includes(' ')) return authorization;
  return /^bearer [^ ]+$/i.test(authorization) ? authorization.slice(BEARER.length) : undefined;
}

/** The guard of a server: the only one that makes an {@link Admission}. */
export class Guard {
  readonly #verifier: JwsVerifier | undefined;
  readonly #enforced: boolean;
  readonly #logger: Logger;
  readonly #onRefused: (refusal: Refusal) => void;

  /** @throws DataSourceOptionsError when the verifier cannot be made */
  constructor({ verify, logger, onRefused }: GuardOptions) {
    const dataSources = verify === undefined ? undefined : dataSourcesOf(verify);
    this.#enforced = verify?.enforce ?? true;
    this.#verifier =
      verify === undefined || dataSources === undefined ? undefined : new JwsVerifier({ ...verify, dataSources });
    this.#logger = logger;
    this.#onRefused = onRefused;
  }

  /** Decides about a request: at once where its token is known. Undefined refuses it. Never throws. */
  check(request: GateRequest): Admission | undefined | Promise<Admission | undefined> {
    const verifier = this.#verifier;
    if (verifier === undefined) return this.#admitUnverified();
    const { authorization } = request;
    if (authorization === undefined || authorization === '')
      return this.#refuse(request, new JwsRefusedError('missing'));
    // Nearly every call comes with a known token behind "Bearer ": it needs no look at its form.
    const known = authorization.startsWith(BEARER) ? verifier.recall(authorization.slice(BEARER.length)) : undefined;
    if (known !== undefined) return mintAdmission(known);
    const token = bareToken(authorization);
    if (token === undefined) return this.#refuse(request, new JwsRefusedError('malformed'));
    const identity = verifier.recall(token);
    if (identity !== undefined) return mintAdmission(identity);
    return verifier.verify(token).then(
      (verified) => mintAdmission(verified),
      (error: unknown) => this.#refuse(request, error),
    );
  }

  /** Lets in a call of the test kit, which comes by no port: `dial` says who calls. */
  admitInProcess(identity: CallIdentity | undefined): Admission {
    return mintAdmission(identity);
  }

  /** The admission of a server that was told not to enforce tokens; `assertReady` keeps every other one from listening. */
  #admitUnverified(): Admission | undefined {
    return this.#enforced ? undefined : mintAdmission(undefined);
  }

  #refuse(request: GateRequest, error: unknown): Admission | undefined {
    // A client without a token decides what these say, and how long they are.
    const trackingId = request.trackingId?.slice(0, MAX_LOGGED_LENGTH);
    const method = request.method.slice(0, MAX_LOGGED_LENGTH);
    const known = error instanceof JwsRefusedError ? error : undefined;
    const enforced = this.#enforced;
    const refusal: Refusal = { reason: known?.reason ?? 'unknown', hint: known?.hint, trackingId, method, enforced };
    if (known === undefined) this.#logger.error({ err: error, trackingId }, 'the token of a call could not be checked');
    this.#logger.warn(
      { ...refusal },
      enforced ? 'a call was refused' : 'a call would be refused; tokens are not enforced',
    );
    this.#onRefused(refusal);
    return enforced ? undefined : mintAdmission(undefined);
  }

  /** Checks, before the server listens, that it can verify tokens or was told not to. @throws MediaError `VERIFICATION_MISSING` */
  assertReady(): void {
    if (!this.#enforced) {
      this.#logger.warn(
        {},
        this.#verifier === undefined
          ? 'tokens of calls are not checked: every client that reaches the port is let in'
          : 'tokens of calls are checked but not enforced: every client that reaches the port is let in',
      );
      return;
    }
    if (this.#verifier !== undefined) return;
    throw new MediaError({
      code: 'VERIFICATION_MISSING',
      message:
        'The server does not know what to verify the token of a call against. Give verify: { datasourceUrl }, the URL exactly as it is registered at Webex, or for development verify: { enforce: false }.',
    });
  }
}
