// A plain gRPC client: @grpc/grpc-js with the repository's .proto files loaded at run time. No SDK, no simulator.
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Coding } from './audio.ts';

const protoDir = new URL('../../../../proto/', import.meta.url).pathname;
const definition = loadSync(
  [
    'com/cisco/wcc/ccai/media/v1/voice_virtual_agent.proto',
    'com/cisco/wcc/ccai/media/v1/conversation_audio_forking.proto',
    'com/cisco/wcc/ccai/v1/health.proto',
    'grpc/health/v1/health.proto',
  ],
  { includeDirs: [protoDir], keepCase: true, enums: String, defaults: true, arrays: true, longs: Number },
);

/** A method as the loaded definition has it. */
interface LoadedMethod {
  readonly path: string;
  requestSerialize(value: object): Buffer;
  requestDeserialize(bytes: Buffer): object;
  responseSerialize(value: object): Buffer;
  responseDeserialize(bytes: Buffer): Response;
}

/** The messages of these tests are plain objects; a test names the fields that it looks at. */
export interface Response {
  readonly prompts: readonly { readonly audio_content: Buffer; readonly is_barge_in_enabled: boolean }[];
  readonly output_events: readonly { readonly event_type: string; readonly name: string; readonly metadata: unknown }[];
  readonly input_mode: string;
  readonly input_handling_config: {
    readonly dtmf_config: {
      readonly dtmf_input_length: number;
      readonly inter_digit_timeout_msec: number;
      readonly termchar: string;
    };
  } | null;
  readonly response_type: string;
  readonly [other: string]: unknown;
}

/** The loaded method `service/name`. */
export function method(service: string, name: string): LoadedMethod {
  const found = (definition[service] as unknown as Record<string, LoadedMethod>)[name];
  if (found === undefined) throw new Error(`there is no ${service}/${name}`);
  return found;
}

const VOICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';
const turnMethod = method(VOICE, 'ProcessCallerInput');

/** A response and when it came, in ms from the opening of its RPC. */
export interface Received {
  readonly response: Response;
  readonly atMs: number;
  /** The event, else `CHUNK`, `PARTIAL` or `FINAL`. */
  readonly kind: string;
}

/** One RPC. */
export interface Rpc {
  readonly received: Received[];
  readonly kinds: string[];
  readonly stream: grpc.ClientDuplexStream<object, Response>;
  send(content: object): void;
  audio(bytes: Buffer, coding?: Coding): void;
  halfClose(): void;
  elapsedMs(): number;
  /** Waits for a response of a kind. */
  until(kind: string, withinMs?: number): Promise<Received>;
  /** Waits for the end of the RPC. */
  readonly status: Promise<{ readonly code: number; readonly details: string; readonly atMs: number }>;
}

function kindOf(response: Response): string {
  return response.output_events[0]?.event_type ?? response.response_type;
}

/** A client on one connection. @param authorization - sent with every request */
export function connect(port: number, authorization?: string) {
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  if (authorization !== undefined) metadata.set('authorization', authorization);

  const open = (ids: object): Rpc => {
    const openedMs = performance.now();
    const elapsedMs = (): number => performance.now() - openedMs;
    const stream = client.makeBidiStreamRequest<object, Response>(
      turnMethod.path,
      turnMethod.requestSerialize,
      turnMethod.responseDeserialize,
      metadata,
    );
    const received: Received[] = [];
    const looks = new Set<() => void>();
    stream.on('data', (response: Response) => {
      received.push({ response, atMs: elapsedMs(), kind: kindOf(response) });
      for (const look of looks) look();
    });
    stream.on('error', () => {});
    const status = new Promise<Awaited<Rpc['status']>>((resolve) =>
      stream.on('status', ({ code, details }) => resolve({ code, details, atMs: elapsedMs() })),
    );
    return {
      received,
      get kinds() {
        return received.map(({ kind }) => kind);
      },
      stream,
      send: (content) => void stream.write({ ...ids, ...content }),
      audio(bytes, coding) {
        const format = coding === undefined ? {} : { encoding: coding.encoding, sample_rate_hertz: coding.rate };
        stream.write({ ...ids, audio_input: { caller_audio: bytes, ...format } });
      },
      halfClose: () => void stream.end(),
      elapsedMs,
      until(kind, withinMs = 5000) {
        return new Promise((resolve, reject) => {
          const timer = setTimeout(() => {
            looks.delete(look);
            reject(new Error(`no ${kind} within ${withinMs} ms; got ${received.map((one) => one.kind).join(' ')}`));
          }, withinMs);
          const look = (): void => {
            const found = received.find((one) => one.kind === kind);
            if (found === undefined) return;
            clearTimeout(timer);
            looks.delete(look);
            resolve(found);
          };
          looks.add(look);
          look();
        });
      },
      status,
    };
  };

  return {
    client,
    open,
    /** The RPCs of one conversation. */
    conversation(conversationId: string, agentId = 'demo', organization = 'org-1') {
      const ids = { conversation_id: conversationId, customer_org_id: organization, virtual_agent_id: agentId };
      return {
        open: () => open(ids),
        /** An RPC with one message, half-closed. */
        async once(content: object) {
          const rpc = open(ids);
          rpc.send(content);
          rpc.halfClose();
          const status = await rpc.status;
          return { ...status, received: rpc.received, kinds: rpc.kinds };
        },
      };
    },
    unary<T>(service: string, name: string, request: object): Promise<{ code: number; response: T | undefined }> {
      const { path, requestSerialize, responseDeserialize } = method(service, name);
      return new Promise((resolve) => {
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, (error, response) =>
          resolve({ code: error?.code ?? 0, response: response as T | undefined }),
        );
      });
    },
    watch<T>(service: string, request: object) {
      const { path, requestSerialize, responseDeserialize } = method(service, 'Watch');
      const messages: T[] = [];
      const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
      stream.on('data', (message: T) => messages.push(message));
      stream.on('error', () => {});
      let over = false;
      stream.on('status', () => {
        over = true;
      });
      return { messages, isOver: () => over, cancel: () => stream.cancel() };
    },
    close: () => client.close(),
  };
}

export type Client = ReturnType<typeof connect>;

export const event = (event_type: string, more: object = {}): object => ({ event_input: { event_type, ...more } });
export const digits = (...dtmf_events: number[]): object => ({ dtmf_input: { dtmf_events } });

/** Sends frames in real time until `done` says so, at most `ms`. */
export async function stream(
  rpc: Rpc,
  frame: Buffer,
  ms: number,
  done: () => boolean = () => false,
  coding?: Coding,
): Promise<void> {
  const startMs = performance.now();
  for (let sent = 0; sent < ms && !done(); sent += 20) {
    rpc.audio(frame, coding);
    const dueMs = startMs + sent + 20;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
  }
}

/** How a caller speaks in the cases: config frame, three tiny frames, silence, a second of speech, silence to the end. */
export async function speak(
  rpc: Rpc,
  coding: Coding,
  options: {
    readonly declareAll?: boolean;
    readonly leadMs?: number;
    readonly halfClose?: 'at_end_of_input' | 'after_speech';
  } = {},
): Promise<{ readonly speechAtMs: number; readonly silenceAtMs: number }> {
  const each = options.declareAll === true ? coding : undefined;
  rpc.audio(Buffer.alloc(0), coding);
  for (let tiny = 0; tiny < 3; tiny += 1) rpc.audio(coding.silence.subarray(0, 3), each);
  await stream(rpc, coding.silence, options.leadMs ?? 500, undefined, each);
  const speechAtMs = rpc.elapsedMs();
  const startMs = performance.now();
  for (let offset = 0; offset < coding.speech.length; offset += coding.frameBytes) {
    rpc.audio(coding.speech.subarray(offset, offset + coding.frameBytes), each);
    const dueMs = startMs + (offset / coding.frameBytes + 1) * 20;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
  }
  const silenceAtMs = rpc.elapsedMs();
  if (options.halfClose !== 'after_speech') {
    await stream(rpc, coding.silence, 4000, () => rpc.kinds.includes('END_OF_INPUT'), each);
  }
  rpc.halfClose();
  return { speechAtMs, silenceAtMs };
}
