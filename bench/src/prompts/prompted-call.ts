// One caller who is told something long: SESSION_START, the prompt, SESSION_END.
import { SAMPLE_RATE_HZ } from '../audio.ts';
import type { LoadConnection } from '../load/http2/connection.ts';
import { type CallMessages, ID_OFFSET } from '../load/messages.ts';

const BYTES_PER_MS: number = SAMPLE_RATE_HZ / 1000;

/** The ends of RPCs that a server refuses, with HTTP/2's ENHANCE_YOUR_CALM and REFUSED_STREAM or with gRPC's status. */
const REFUSALS = ['reset with code 11', 'reset with code 7', 'status 8:'];

/** How a call went. */
export interface CallOutcome {
  readonly result: 'finished' | 'refused' | 'lost';
  readonly failure: string;
  readonly firstAudioMs: number;
  readonly silenceMs: number;
}

/** What a caller needs. */
export interface PromptedCallOptions {
  readonly connection: LoadConnection;
  readonly messages: CallMessages;
  readonly id: Buffer;
  readonly promptMs: number;
}

/** Sends one message in an RPC of its own. Resolves with the failure, empty when its status was OK. */
function ask(
  { connection, id }: PromptedCallOptions,
  message: Buffer,
  onBytes: (bytes: number, at: number) => void,
): Promise<string> {
  const closed = Promise.withResolvers<string>();
  let status: string | undefined;
  let text = '';
  const stream = connection.open({
    onHeaders(headers) {
      for (const [name, value] of headers) {
        if (name === 'grpc-status') status = value;
        else if (name === 'grpc-message') text = value;
      }
    },
    onData: (piece, at) => onBytes(piece.length, at),
    onClose(failure) {
      if (failure !== '') closed.resolve(failure);
      else closed.resolve(status === '0' ? '' : `status ${status}: ${text}`);
    },
  });
  stream.send(message, (bytes, at) => void id.copy(bytes, at + ID_OFFSET));
  stream.halfClose();
  return closed.promise;
}

/** Makes a call; resolves when it is over. */
export async function makePromptedCall(options: PromptedCallOptions): Promise<CallOutcome> {
  const { messages, promptMs } = options;
  const beganAt = performance.now();
  let firstAt = Number.NaN;
  /** When the last that has come has been heard. */
  let heardUntil = 0;
  let silenceMs = 0;
  let received = 0;
  let failure = await ask(options, messages.sessionStart, (bytes, at) => {
    if (received === 0) firstAt = at;
    else silenceMs += Math.max(0, at - heardUntil);
    received += bytes;
    heardUntil = Math.max(heardUntil, at) + bytes / BYTES_PER_MS;
  });
  if (failure === '' && received < promptMs * BYTES_PER_MS) failure = `only ${received} bytes came`;
  if (failure === '') failure = await ask(options, messages.sessionEnd, () => {});
  const refused = REFUSALS.some((refusal) => failure.startsWith(refusal));
  return {
    result: failure === '' ? 'finished' : refused ? 'refused' : 'lost',
    failure,
    firstAudioMs: firstAt - beganAt,
    silenceMs,
  };
}
