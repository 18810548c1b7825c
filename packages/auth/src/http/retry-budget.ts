// How many requests may be sent again in an outage: shared by all clients that call one service in one program's name.
import { InvalidOptionsError } from '../errors/usage-errors.ts';

/** The budget is counted in tenths, of which a retry takes ten and a success gives one back. */
const RETRY_COST = 10;

/**
 * Retries that may be under way beyond what successes earn, so that an outage does not multiply the load.
 *
 * Each retry takes one, each success gives a tenth back, up to `size`. Give the same budget to every client that calls the same
 * service: a budget per client lets a hundred clients send a hundred times as much. The clients of a token manager share one.
 *
 * @example
 * ```ts
 * import { HttpClient, RetryBudget } from '@byova/auth/http';
 *
 * const budget = new RetryBudget(20);
 * const clients = ['one', 'two'].map((token) => new HttpClient({ accessToken: async () => token, retry: { budget } }));
 * console.log(clients.length, budget.left); // 2 20
 * ```
 */
export class RetryBudget {
  readonly #size: number;
  #tenths: number;

  /**
   * @param size - retries without a success between them. Default 20; 0 never retries
   * @throws InvalidOptionsError
   */
  constructor(size: number = 20) {
    if (!(Number.isFinite(size) && size >= 0))
      throw new InvalidOptionsError('budget: must be a number from 0 upwards.');
    this.#size = size * RETRY_COST;
    this.#tenths = this.#size;
  }

  /** Retries that may be made now without another success. */
  get left(): number {
    return Math.floor(this.#tenths / RETRY_COST);
  }

  /** Takes one retry; `false` when none is left. */
  take(): boolean {
    if (this.#tenths < RETRY_COST) return false;
    this.#tenths -= RETRY_COST;
    return true;
  }

  /** Gives a tenth of a retry back: a request succeeded. */
  earn(): void {
    this.#tenths = Math.min(this.#size, this.#tenths + 1);
  }
}
