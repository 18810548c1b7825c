// A client that sends sequences as they are, with nothing around them: over HTTP/1, and where a connection begins wrongly.

import { cutAt, renderStep } from '../sequence/render-steps.ts';
import type { Sequence, StreamReference } from '../sequence/sequence.ts';
import { SECRET } from '../server/facts.ts';
import type { Tokens } from '../server/verifying-platform.ts';
import { type AttackingSocket, turn } from './attacking-socket.ts';

/** Turns of the event loop for which a client waits that cannot know when it was read. */
const WAIT_TURNS = 4;

const SECRET_BYTES = Buffer.from(SECRET);

/** Streams are counted as on a connection that has just begun. */
function idOf(reference: StreamReference): number {
  return 'id' in reference ? reference.id : 1 + reference.own * 2;
}

/** A connection of an attacker. */
export class BytesAttacker {
  /** Whether the server's program has answered. */
  leaked = false;
  readonly #socket: AttackingSocket;
  readonly #tokens: Tokens;

  constructor(socket: AttackingSocket, tokens: Tokens) {
    this.#socket = socket;
    this.#tokens = tokens;
    socket.onData = (bytes) => {
      this.leaked ||= bytes.includes(SECRET_BYTES);
    };
  }

  /** Sends a sequence; resolves when it is written. */
  async send({ steps, cuts, pauseTurns }: Sequence): Promise<void> {
    let pending: Buffer[] = [];
    const flush = async (): Promise<void> => {
      for (const [at, piece] of cutAt(Buffer.concat(pending), cuts).entries()) {
        if (at > 0) for (let turns = 0; turns < pauseTurns; turns += 1) await turn();
        await this.#socket.write(piece);
      }
      pending = [];
    };
    for (const step of steps) {
      if (step.do !== 'wait') {
        pending.push(renderStep(step, idOf, this.#tokens));
        continue;
      }
      await flush();
      for (let turns = 0; turns < WAIT_TURNS; turns += 1) await turn();
    }
    await flush();
  }
}
