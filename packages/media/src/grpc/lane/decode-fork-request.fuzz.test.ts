// Messages of forked audio, valid, bent and cut, read by the lane's decoder and by the runtime: the same values, or both
// refuse. FUZZ_SEED and FUZZ_MESSAGES are those of decode-request.fuzz.test.ts.
import { fromBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import {
  type ConversationAudioForkingRequest,
  ConversationAudioForkingRequestSchema,
} from '../gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking_pb.ts';
import { createForkRequestDecoder, type ForkRequestMessage } from './decode-fork-request.ts';
import { createWireReader, MalformedMessageError } from './wire-reader.ts';

const MESSAGES = Number(process.env['FUZZ_MESSAGES'] ?? 50_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121);
/** Two bytes say every length below. */
const MAX_EMBEDDED = 0x3fff;

type Random = (below: number) => number;

/** Mulberry32: small, quick, and the same everywhere. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const texts = ['', 'c1', 'a3f0c9d2-77aa-4c1e-9be2-0123456789ab', 'Grüße', '\u{1f4de} ☎', '\ufeffbom', '__proto__'];
const TEXTS = texts.map((text) => [...new TextEncoder().encode(text)]);
const BROKEN_TEXTS = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0x61, 0x80]];
const NUMBERS = [0n, 1n, 2n, 3n, 8000n, 16_000n, 1_700_000_000n, 0x7fffffffn, 0xffffffffn, -1n, -(1n << 63n)];
const MORE_NUMBERS = [(1n << 35n) + 7n, (1n << 53n) + 1n, (1n << 56n) - 3n, (1n << 62n) + 12_345n, -(1n << 40n) - 5n];

/** Writes messages that the contract allows, and now and then something that it does not. */
function createGenerator(random: Random): () => Uint8Array {
  const varint = (value: bigint, padding = 0): number[] => {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest) | (padding === 0 ? 0 : 0x80));
    for (let more = padding; more > 0; more -= 1) bytes.push(more === 1 ? 0 : 0x80);
    return bytes;
  };
  const pick = <Value>(values: readonly Value[], otherwise: Value): Value => values[random(values.length)] ?? otherwise;
  const noise = (length: number): number[] => Array.from({ length }, () => random(256));
  const number = (): number[] => varint(pick([...NUMBERS, ...MORE_NUMBERS], 0n), random(12) === 0 ? 1 + random(9) : 0);
  const tag = (field: number, type: number): number[] =>
    varint(BigInt((field << 3) | (random(60) === 0 ? random(8) : type)));
  /** Bytes behind their length, which now and then is a lie. */
  const sized = (bytes: readonly number[]): number[] => [
    ...varint(BigInt(random(60) === 0 ? random(200) : Math.min(bytes.length, MAX_EMBEDDED))),
    ...bytes,
  ];
  const text = (): number[] => sized(pick(random(50) === 0 ? BROKEN_TEXTS : TEXTS, []));
  const unknown = (depth = 0): number[] => {
    const field = 7 + random(random(4) === 0 ? 100_000 : 20);
    switch (random(depth > 4 ? 4 : 5)) {
      case 0:
        return [...tag(field, 0), ...number()];
      case 1:
        return [...tag(field, 1), ...noise(8)];
      case 2:
        return [...tag(field, 2), ...sized(noise(random(12)))];
      case 3:
        return [...tag(field, 5), ...noise(4)];
      default: {
        const inside = Array.from({ length: random(3) }, () => unknown(depth + 1)).flat();
        return [...tag(field, 3), ...inside, ...tag(random(30) === 0 ? field + 1 : field, 4)];
      }
    }
  };
  const several = (most: number, write: () => number[]): number[] =>
    Array.from({ length: random(most + 1) }, () => (random(14) === 0 ? unknown() : write())).flat();
  const timestamp = (): number[] => several(3, () => [...tag(1 + random(2), 0), ...number()]);
  const audio = (): number[] =>
    several(7, () => {
      const field = 1 + random(6);
      if (field === 1) return [...tag(1, 2), ...sized(noise(random(4) === 0 ? 160 : random(20)))];
      if (field === 4) return [...tag(4, 2), ...sized(timestamp())];
      return field === 6 ? [...tag(6, 2), ...text()] : [...tag(field, 0), ...number()];
    });
  const mapEntry = (): number[] => several(4, () => [...tag(1 + random(2), 2), ...text()]);
  const field = (): number[] => {
    const kind = random(12);
    if (kind < 4) return [...tag(1 + (kind % 2), 2), ...text()];
    if (kind < 9) return [...tag(3, 2), ...sized(audio())];
    return kind < 11 ? [...tag(4, 2), ...sized(mapEntry())] : unknown();
  };

  return () => {
    const bytes = Array.from({ length: 1 + random(6) }, field).flat();
    // Bytes changed, bytes taken out, the end cut off; seven of ten stay as they are.
    const bend = random(10);
    if (bend === 0)
      for (let changes = 1 + random(3); changes > 0; changes -= 1) bytes[random(bytes.length)] = random(256);
    if (bend === 1) bytes.splice(random(bytes.length), 1 + random(4));
    if (bend === 2) bytes.length = random(bytes.length);
    return Uint8Array.from(bytes);
  };
}

/** What is different; empty when nothing is. */
function difference(ours: ForkRequestMessage, theirs: ConversationAudioForkingRequest): string {
  if (ours.conversationId !== theirs.conversationId) return 'conversation_id';
  if (ours.organization !== theirs.customerOrgId) return 'customer_org_id';
  const info = Object.entries(ours.additionalInfo ?? {});
  if (JSON.stringify(info) !== JSON.stringify(Object.entries(theirs.additionalInfo))) return 'additional_info';
  const { audio } = theirs;
  if (ours.hasAudio !== (audio !== undefined)) return 'whether there is audio';
  if (audio === undefined) return '';
  if (Buffer.compare(ours.audio, audio.audioData) !== 0) return 'audio_data';
  if (ours.encoding !== audio.encoding || ours.sampleRateHz !== audio.sampleRateHertz) return 'the format';
  if (ours.role !== audio.role || ours.roleId !== audio.roleId) return 'the leg';
  const at = audio.audioTimestamp;
  if (ours.hasTimestamp !== (at !== undefined)) return 'whether there is a time';
  return at === undefined || (ours.seconds === Number(at.seconds) && ours.nanos === at.nanos) ? '' : 'audio_timestamp';
}

it(`reads ${MESSAGES} messages of forked audio as the runtime does, or refuses them with it (seed ${SEED})`, {
  timeout: 600_000,
}, () => {
  const next = createGenerator(createRandom(SEED));
  const decoder = createForkRequestDecoder(createWireReader());
  // In the middle of other bytes, as frames lie in what a socket gives: none of those may be read as the message's own.
  const around = new Uint8Array(64 * 1024).fill(0x08);
  const counts = { ids: 0, audio: 0, timestamp: 0, additionalInfo: 0, refused: 0 };
  // Many refusals, and nobody looks at their stacks.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    for (let number = 0; number < MESSAGES; number += 1) {
      const bytes = next();
      const start = number % 7;
      around.set(bytes, start);
      around[start + bytes.length] = number % 251;
      let theirs: ConversationAudioForkingRequest | undefined;
      try {
        theirs = fromBinary(ConversationAudioForkingRequestSchema, bytes);
      } catch {
        // Then neither may ours.
      }
      let wrong: string;
      try {
        decoder.decode(around, start, start + bytes.length);
        const { message } = decoder;
        wrong = theirs === undefined ? 'it was not refused' : difference(message, theirs);
        counts.ids += Number(message.conversationId !== '');
        counts.audio += Number(message.audio.length > 0);
        counts.timestamp += Number(message.seconds !== 0);
        counts.additionalInfo += Number(message.additionalInfo !== undefined);
      } catch (error) {
        wrong = theirs === undefined && error instanceof MalformedMessageError ? '' : `it was refused: ${error}`;
        counts.refused += 1;
      }
      if (wrong !== '') expect.fail(`message ${number}, ${Buffer.from(bytes).toString('hex')}: ${wrong}`);
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  // Every kind was there, and often.
  for (const [kind, count] of Object.entries(counts)) expect(count / MESSAGES, kind).toBeGreaterThan(0.04);
});
