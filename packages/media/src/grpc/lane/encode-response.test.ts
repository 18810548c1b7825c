// The lane's encoder against the contract and the runtime: the same bytes for every response, in a gRPC frame.
import { create, type DescMessage, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../wire/json.ts';
import type { DtmfDigit } from '../../wire/request.ts';
import type { AgentResponse, ResponsePrompt } from '../../wire/response.ts';
import { encodeResponse } from '../encode-response.ts';
import {
  DTMFInputConfigSchema,
  InputHandlingConfigSchema,
  InputSpeechTimersSchema,
  OutputEventSchema,
  TextContentSchema,
} from '../gen/com/cisco/wcc/ccai/media/v1/byova_common_pb.ts';
import { PromptSchema, VoiceVAResponseSchema } from '../gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import { createResponseEncoder, FIELDS, FRAME_HEAD_BYTES } from './encode-response.ts';

const encoder = createResponseEncoder();

function byTheRuntime(response: AgentResponse): Buffer {
  const message = toBinary(VoiceVAResponseSchema, create(VoiceVAResponseSchema, encodeResponse(response)));
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Audio that is in several places, and would have to be put together. */
function inPieces(audio: Uint8Array, size: number, bargeIn: boolean): ResponsePrompt {
  const count = Math.ceil(audio.length / size);
  const pieces = Array.from({ length: count }, (_, index) => audio.subarray(index * size, (index + 1) * size));
  return { audio, pieces, bargeIn };
}

const ms = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 86_400_000 }));
const text = fc.string({ unit: 'binary', maxLength: 200 });
// A Struct's numbers are doubles, and its texts are Unicode.
const metadata = fc
  .dictionary(
    fc.string({ unit: 'grapheme', maxLength: 5 }),
    fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constant(null),
    ),
  )
  .map((object) => object as JsonObject);
const digit = fc.constantFrom<DtmfDigit | undefined>(undefined, '0', '5', '*', '#', 'D');
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const responses: fc.Arbitrary<AgentResponse> = fc.record({
  type: fc.constantFrom('final' as const, 'partial' as const, 'chunk' as const),
  prompts: fc.array(
    fc
      .record({
        audio: fc
          .oneof(
            fc.nat(300),
            fc.integer({ min: 4000, max: 4200 }),
            fc.constantFrom(0, 127, 128, 16_383, 16_384, 100_000),
          )
          .map((bytes) => new Uint8Array(bytes).fill(bytes % 251)),
        bargeIn: fc.boolean(),
        cut: optional(fc.integer({ min: 500, max: 5000 })),
      })
      .map(({ audio, bargeIn, cut }) => (cut === undefined ? { audio, bargeIn } : inPieces(audio, cut, bargeIn))),
    { maxLength: 4 },
  ),
  event: optional(
    fc.record({
      type: fc.constantFrom(
        'session_end' as const,
        'transfer_to_agent' as const,
        'custom_event' as const,
        'start_of_input' as const,
        'end_of_input' as const,
        'no_match' as const,
        'no_input' as const,
      ),
      name: optional(text),
      metadata: optional(metadata),
    }),
  ),
  expectation: optional(
    fc.record({
      mode: fc.constantFrom('voice' as const, 'dtmf' as const, 'voice_dtmf' as const),
      dtmf: fc.record({ length: fc.nat(99), interDigitMs: ms, terminator: digit }),
      speech: fc.record({ completeMs: ms, incompleteMs: ms, maxSpeechMs: ms }),
      noInputMs: ms,
      sensitive: fc.boolean(),
    }),
  ),
  uninterruptible: optional(fc.boolean()),
  transcript: optional(text),
  summary: optional(text),
});

describe('a response', () => {
  it('has the bytes that the runtime gives it', () => {
    fc.assert(
      fc.property(responses, (response) => {
        expect(Buffer.concat(encoder.encode(response)).equals(byTheRuntime(response))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('of large audio is not copied', () => {
    const audio = new Uint8Array(100_000);
    const pieces = encoder.encode({ type: 'final', prompts: [{ audio, bargeIn: true }] });
    expect(pieces).toHaveLength(3);
    expect(pieces[1]).toBe(audio);
  });

  it('of audio in pieces has the large ones as they are, and puts nothing together', () => {
    const header = new Uint8Array(58);
    const audio = new Uint8Array(100_000);
    const prompt: ResponsePrompt = {
      pieces: [header, audio],
      bargeIn: true,
      get audio(): Uint8Array {
        throw new Error('put together');
      },
    };
    const pieces = encoder.encode({ type: 'final', prompts: [prompt] });
    expect(pieces).toHaveLength(3);
    expect(pieces[1]).toBe(audio);
  });

  it('is not touched by the one after it', () => {
    const first = encoder.encode({ type: 'final', prompts: [], event: { type: 'start_of_input' } });
    encoder.encode({ type: 'final', prompts: [], event: { type: 'end_of_input' } });
    expect(Buffer.concat(first).toString('hex')).toBe('000000000412020804');
  });
});

describe('the fields that are written', () => {
  it.each<[keyof typeof FIELDS, DescMessage]>([
    ['response', VoiceVAResponseSchema],
    ['prompt', PromptSchema],
    ['event', OutputEventSchema],
    ['config', InputHandlingConfigSchema],
    ['dtmf', DTMFInputConfigSchema],
    ['timers', InputSpeechTimersSchema],
    ['text', TextContentSchema],
  ])('have the numbers of the contract: %s', (name, schema) => {
    expect(Object.fromEntries(schema.fields.map((field) => [field.localName, field.number]))).toMatchObject(
      FIELDS[name],
    );
  });
});
