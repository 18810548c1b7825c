// The data sources of Webex without a socket, for simulations of months: it fails when it is told to, and keeps a diary.
import {
  NetworkError,
  NotFoundError,
  OrganizationNotAuthorizedError,
  RequestTimeoutError,
  ServiceUnavailableError,
} from '@byova/auth';
import type { WallClock } from '@byova/auth/foundation';
import type { HttpClient, HttpRequest, HttpResponse } from '@byova/auth/http';

export interface FakeDataSource {
  readonly id: string;
  readonly orgId: string;
  readonly schemaId: string;
  url: string;
  audience: string;
  subject: string;
  nonce: string;
  tokenLifetimeMinutes: number;
  status: string;
  errorMessage: string | undefined;
  /** Ms since 1970. */
  issuedAt: number;
  expiresAt: number;
}

/** A PUT that made a new token. */
export interface Rotation {
  readonly id: string;
  readonly at: number;
  /** What was left of the token before, in ms; below 0 when it had ended. */
  readonly leftMs: number;
  readonly lifetimeMs: number;
}

/** How requests fare. */
export type Fate = 'ok' | 'refused' | 'lost_before' | 'lost_after' | 'hang';

export class FakeWebex {
  readonly dataSources = new Map<string, FakeDataSource>();
  readonly rotations: Rotation[] = [];
  readonly left = new Set<string>();
  requests = 0;
  /** Sent with refusals. */
  retryAfterMs: number | undefined;
  /** The lifetime that it gives, whatever is asked for. */
  givesMinutes: number | undefined;
  /** How far its clock is behind; ms. */
  behindMs = 0;
  /** Called before a PUT takes effect. */
  onPut: (nonce: string) => void = () => {};
  puts = 0;
  /** Asked for each request. */
  fate: (method: string) => Fate = () => 'ok';
  readonly #clock: WallClock;
  readonly #latencyMs: () => number;
  underWay = 0;
  mostUnderWay = 0;

  constructor(clock: WallClock, latencyMs: () => number = () => 0) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  add(orgId: string, id: string, tokenLifetimeMinutes: number): FakeDataSource {
    const now = this.#clock.now();
    const source: FakeDataSource = {
      id,
      orgId,
      schemaId: '5397013b-7920-4ffc-807c-e8a3e0a18f43',
      url: `https://${id}.example.com:443`,
      audience: 'va',
      subject: 'callAudio',
      nonce: `${id}-first`,
      tokenLifetimeMinutes,
      status: 'active',
      errorMessage: undefined,
      issuedAt: now,
      expiresAt: now + tokenLifetimeMinutes * 60_000,
    };
    this.dataSources.set(id, source);
    return source;
  }

  /** What a ServiceAppTokenManager is to the package. @param alive - whether the replica still lives: the answers of a killed one get lost */
  serviceApp(alive: () => boolean = () => true): {
    readonly clientId: string;
    clientFor(organization: string): HttpClient;
    on(): () => void;
  } {
    return {
      clientId: `C${'0'.repeat(64)}`,
      clientFor: (organization) =>
        ({
          request: async <T>(request: HttpRequest<T>) => {
            const response = await this.#request(organization, request, alive);
            return alive() ? response : new Promise<never>(() => {});
          },
        }) as unknown as HttpClient,
      on: () => () => {},
    };
  }

  async #wait(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => this.#clock.setTimer(resolve, ms));
  }

  async #request<T>(organization: string, request: HttpRequest<T>, alive: () => boolean): Promise<HttpResponse<T>> {
    this.requests += 1;
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      const { method } = request;
      if (this.left.has(organization)) throw new OrganizationNotAuthorizedError({ organization });
      const fate = this.fate(method);
      await this.#wait(this.#latencyMs());
      if (fate === 'hang') {
        await this.#wait(request.timeoutMs ?? 15_000);
        throw new RequestTimeoutError({ method });
      }
      if (fate === 'refused')
        throw new ServiceUnavailableError({ status: 503, method, retryAfterMs: this.retryAfterMs });
      if (fate === 'lost_before') throw new NetworkError({ method });
      if (!alive()) return await new Promise<never>(() => {});
      const source = this.dataSources.get(request.path.split('/').at(-1) ?? '');
      if (source === undefined || source.orgId !== organization) throw new NotFoundError({ status: 404, method });
      if (method === 'PUT') this.#put(source, request.json as Partial<FakeDataSource>);
      if (fate === 'lost_after') throw new NetworkError({ method });
      const parsed = request.schema?.safeParse({
        ...source,
        jwsToken: unsigned(source),
        tokenExpiryTime: new Date(source.expiresAt).toISOString(),
      });
      if (parsed?.success !== true) throw new Error('the schema refused the answer');
      return { status: 200, headers: {}, trackingId: undefined, data: parsed.data };
    } finally {
      this.underWay -= 1;
    }
  }

  #put(source: FakeDataSource, body: Partial<FakeDataSource>): void {
    this.puts += 1;
    this.onPut(body.nonce ?? '');
    const now = this.#clock.now();
    if (body.status === undefined) throw new Error('a PUT without status');
    if (body.nonce !== undefined && body.nonce !== source.nonce) {
      this.rotations.push({
        id: source.id,
        at: now,
        leftMs: source.expiresAt - now,
        lifetimeMs: source.expiresAt - source.issuedAt,
      });
      source.issuedAt = now - this.behindMs;
      source.expiresAt =
        source.issuedAt + (this.givesMinutes ?? body.tokenLifetimeMinutes ?? source.tokenLifetimeMinutes) * 60_000;
    }
    Object.assign(source, {
      nonce: body.nonce,
      url: body.url,
      audience: body.audience,
      subject: body.subject,
      status: body.status,
      errorMessage: body.errorMessage,
    });
  }
}

/** A token whose claims can be read and whose signature nobody looks at. */
function unsigned({ nonce, issuedAt, expiresAt }: FakeDataSource): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'RS256' })}.${encode({ jti: nonce, iat: issuedAt / 1000, exp: expiresAt / 1000 })}.`;
}
