// The platform that signs the tokens of an attack and publishes its keys to the attacked server.
import { type Platform, startPlatform } from '@byova/simulator';
import { DATA_SOURCE_URL, FORK_SCHEMA, ORGANIZATION, VOICE_SCHEMA } from './facts.ts';

/** Tokens are signed again after this long: a run can last longer than a token is valid. */
const RENEW_AFTER_MS = 20 * 60 * 1000;

/** The tokens of requests, by what a request has. */
export interface Tokens {
  readonly voice: string;
  readonly fork: string;
  /** Genuine, but its time is over. */
  readonly expired: string;
  /** Genuine, but of another data source. */
  readonly foreign: string;
}

/** Signs tokens. */
export class VerifyingPlatform {
  readonly #platform: Platform;
  #tokens: Tokens | undefined;
  #signedAtMs = 0;

  private constructor(platform: Platform) {
    this.#platform = platform;
  }

  static async start(): Promise<VerifyingPlatform> {
    return new VerifyingPlatform(await startPlatform());
  }

  get issuers(): readonly string[] {
    return Object.values(this.#platform.issuers);
  }

  /** Valid for at least half an hour from now. */
  get tokens(): Tokens {
    if (this.#tokens === undefined || Date.now() - this.#signedAtMs > RENEW_AFTER_MS) {
      const sign = (schemaId: string, claims: Readonly<Record<string, unknown>> = {}): string =>
        this.#platform.signToken({
          claims: {
            'com.cisco.datasource.url': DATA_SOURCE_URL,
            'com.cisco.datasource.schema.uuid': schemaId,
            'com.cisco.org.uuid': ORGANIZATION,
            ...claims,
          },
        });
      this.#signedAtMs = Date.now();
      this.#tokens = {
        voice: sign(VOICE_SCHEMA),
        fork: sign(FORK_SCHEMA),
        expired: sign(VOICE_SCHEMA, { exp: 1_000_000 }),
        foreign: sign(VOICE_SCHEMA, { 'com.cisco.datasource.url': 'https://elsewhere.example.com' }),
      };
    }
    return this.#tokens;
  }

  close(): Promise<void> {
    return this.#platform.close();
  }
}
