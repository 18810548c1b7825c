// Messages, valid, bent and cut, read by the lane's decoder and by the runtime: the same values, or both refuse.
// FUZZ_SEED repeats a run or makes another; FUZZ_MESSAGES makes it longer: a million take a few seconds.
import { fromBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import {
  type VoiceVARequest,
  VoiceVARequestSchema,
} from '../gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import { createRequestDecoder, type RequestMessage } from './decode-request.ts';
import { createWireReader, MalformedMessageError } from './wire-reader.ts';

const MESSAGES = Number(process.env['FUZZ_MESSAGES'] ?? 50_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_807);
const LIMIT_BYTES = 700;

/** Mulberry32: small, quick, and the same everywhere. */
function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const TEXTS = [
  '',
  'c1',
  'a3f0c9d2-77aa-4c1e-9be2-0123456789ab',
  'demo',
  'Grüße',
  '\u{1f4de} ☎',
  '\ufeffbom',
  '__proto__',
].map((text) => new TextEncoder().encode(text));
const BROKEN_TEXTS = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0x61, 0x80]].map((bytes) =>
  Uint8Array.from(bytes),
);

/** Writes messages that the contract allows, and now and then something that it does not. */
function createGenerator(random: (below: number) => number) {
  const buffer = new Uint8Array(64 * 1024);
  let length = 0;

  const byte = (value: number): void => {
    buffer[length++] = value;
  };
  const raw = (bytes: Uint8Array): void => {
    buffer.set(bytes, length);
    length += bytes.length;
  };
  const varint = (value: bigint, padding = 0): void => {
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) byte(Number(rest & 0x7fn) | 0x80);
    byte(Number(rest) | (padding === 0 ? 0 : 0x80));
    for (let more = padding; more > 0; more -= 1) byte(more === 1 ? 0 : 0x80);
  };
  const small = (value: number): void =>
    value < 0x80 ? byte(value) : varint(BigInt(value), random(40) === 0 ? 1 + random(5) : 0);
  const number = (): void => {
    const kinds = [0n, 1n, 2n, 8000n, 16_000n, 0x7fffffffn, 0xffffffffn, -1n, 1n << 63n, (1n << 35n) + 7n];
    varint(kinds[random(kinds.length)] ?? 0n, random(12) === 0 ? 1 + random(9) : 0);
  };
  const tag = (field: number, type: number): void => small((field << 3) | (random(60) === 0 ? random(8) : type));
  const text = (): void => {
    const known = random(50) === 0 ? BROKEN_TEXTS : TEXTS;
    const bytes = known[random(known.length)] ?? new Uint8Array();
    small(bytes.length);
    raw(bytes);
  };
  const noise = (bytes: number): void => {
    for (let index = 0; index < bytes; index += 1) byte(random(256));
  };
  const blob = (bytes: number): void => {
    small(bytes);
    noise(bytes);
  };
  /** Writes what is embedded behind its length, which now and then is a lie. */
  const embed = (write: () => void): void => {
    const at = length;
    byte(0);
    write();
    const bytes = length - at - 1;
    const told = random(50) === 0 ? random(200) : bytes;
    if (told < 0x80) {
      buffer[at] = told;
      return;
    }
    buffer.copyWithin(at + 2, at + 1, length);
    length += 1;
    buffer[at] = (told & 0x7f) | 0x80;
    buffer[at + 1] = (told >> 7) & 0x7f;
  };
  const group = (field: number, depth: number): void => {
    small((field << 3) | 3);
    for (let inside = random(3); inside > 0; inside -= 1) unknown(depth + 1);
    small(((random(30) === 0 ? field + 1 : field) << 3) | 4);
  };
  const unknown = (depth = 0): void => {
    const field = 10 + random(random(4) === 0 ? 100_000 : 20);
    const kind = random(depth > 4 ? 4 : 5);
    if (kind === 4) {
      group(field, depth);
      return;
    }
    small((field << 3) | ([0, 1, 2, 5][kind] ?? 0));
    if (kind === 0) number();
    else if (kind === 1) noise(8);
    else if (kind === 2) blob(random(12));
    else noise(4);
  };
  const timestamp = (): void => {
    for (let fields = random(3); fields > 0; fields -= 1) {
      if (random(20) === 0) unknown();
      else {
        tag(1 + random(2), 0);
        number();
      }
    }
  };
  const audio = (): void => {
    tag(1, 2);
    blob(random(4) === 0 ? 160 : random(20));
    for (let fields = random(5); fields > 0; fields -= 1) {
      const field = 1 + random(7);
      if (field === 7) unknown();
      else if (field === 4) {
        tag(4, 2);
        embed(timestamp);
      } else if (field === 1) {
        tag(1, 2);
        blob(random(6));
      } else if (field === 5) {
        tag(5, 2);
        text();
      } else {
        tag(field, 0);
        number();
      }
    }
  };
  const digits = (): void => {
    for (let runs = random(3); runs > 0; runs -= 1) {
      if (random(12) === 0) unknown();
      else if (random(2) === 0) {
        tag(1, 0);
        small(random(20));
      } else {
        tag(1, 2);
        embed(() => {
          for (let keys = random(8); keys > 0; keys -= 1) {
            if (random(10) === 0) number();
            else byte(random(18));
          }
        });
      }
    }
  };
  const event = (): void => {
    tag(1, 0);
    small(random(7));
    if (random(2) === 0) {
      tag(2, 2);
      text();
    }
    // A Struct of one text.
    if (random(2) === 0) raw(Uint8Array.from([0x1a, 0x0a, 0x0a, 0x08, 0x0a, 0x01, 0x6b, 0x12, 0x03, 0x1a, 0x01, 0x76]));
  };
  const mapEntry = (): void => {
    for (let fields = random(4); fields > 0; fields -= 1) {
      if (random(12) === 0) unknown();
      else {
        tag(1 + random(2), 2);
        text();
      }
    }
  };
  const field = (): void => {
    const at = random(24);
    if (at < 8) {
      tag(1 + (at % 3), 2);
      text();
    } else if (at < 10) {
      tag(4, 0);
      number();
    } else if (at < 11) {
      tag(5, 2);
      text();
    } else if (at < 17) {
      tag(6, 2);
      embed(audio);
    } else if (at < 20) {
      tag(7, 2);
      embed(digits);
    } else if (at < 21) {
      tag(8, 2);
      embed(event);
    } else if (at < 22) {
      tag(9, 2);
      embed(mapEntry);
    } else unknown();
  };

  /** Where the fields of the last message ended. */
  const ends = [0];

  /** The next message: a view that the one after it overwrites. */
  return (): Uint8Array => {
    // Half of them begin as the one before did, as messages of one call do.
    const kept = random(2) === 0 ? random(ends.length) : 0;
    ends.length = kept + 1;
    length = ends[kept] ?? 0;
    for (let fields = 1 + random(7); fields > 0 && length < LIMIT_BYTES; fields -= 1) {
      field();
      ends.push(length);
    }
    const bend = random(10);
    // Bytes changed, bytes taken out, the end cut off; seven of ten stay as they are.
    if (bend === 0) for (let changes = 1 + random(3); changes > 0; changes -= 1) buffer[random(length)] = random(256);
    if (bend === 1) {
      const from = random(length);
      const bytes = Math.min(length - from, 1 + random(4));
      buffer.copyWithin(from, from + bytes, length);
      length -= bytes;
    }
    if (bend === 2) length = random(length);
    return buffer.subarray(0, length);
  };
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** What is different; empty when nothing is. */
function difference(ours: RequestMessage, theirs: VoiceVARequest): string {
  const { voiceVaInputType: content } = theirs;
  if (ours.conversationId !== theirs.conversationId) return 'conversation_id';
  if (ours.organization !== theirs.customerOrgId) return 'customer_org_id';
  if (ours.agentId !== theirs.virtualAgentId) return 'virtual_agent_id';
  if (ours.allowPartialResponses !== theirs.allowPartialResponses) return 'allow_partial_responses';
  if (ours.vendorConfig !== theirs.vendorSpecificConfig) return 'vendor_specific_config';
  const info = Object.entries(ours.additionalInfo ?? {});
  const expected = Object.entries(theirs.additionalInfo);
  if (
    info.length !== expected.length ||
    info.some(([key, value], at) => expected[at]?.[0] !== key || expected[at]?.[1] !== value)
  )
    return 'additional_info';
  switch (content.case) {
    case 'audioInput': {
      const { callerAudio, encoding, sampleRateHertz } = content.value;
      if (ours.content !== 'audio' || !sameBytes(ours.audio, callerAudio)) return 'caller_audio';
      return ours.encoding === encoding && ours.sampleRateHz === sampleRateHertz ? '' : 'the format of audio';
    }
    case 'dtmfInput': {
      const { dtmfEvents } = content.value;
      const same =
        ours.digits.length === dtmfEvents.length && dtmfEvents.every((digit, at) => digit === ours.digits[at]);
      return ours.content === 'digits' && same ? '' : 'dtmf_input';
    }
    case 'eventInput': {
      const { eventType, name, parameters } = content.value;
      const same =
        ours.event?.eventType === eventType &&
        ours.event.name === name &&
        JSON.stringify(ours.event.parameters) === JSON.stringify(parameters);
      return ours.content === 'event' && same ? '' : 'event_input';
    }
    default:
      return ours.content === 'none' ? '' : 'the content';
  }
}

it(`reads ${MESSAGES} messages as the runtime does, or refuses them with it (seed ${SEED})`, {
  timeout: 600_000,
}, () => {
  const next = createGenerator(createRandom(SEED));
  const reader = createWireReader();
  const decoder = createRequestDecoder(reader);
  // As RPCs at the same time have it: each its own, and the decoder all of them.
  const leads = Array.from({ length: 3 }, () => decoder.newLead());
  /** What the message before said of each, where it was read. */
  const before: (string | undefined)[] = [];
  let repeated = 0;
  // In the middle of other bytes, as frames lie in what a socket gives: none of those may be read as the message's own.
  const around = new Uint8Array(64 * 1024).fill(0x08);
  const counts = { none: 0, audio: 0, digits: 0, event: 0, refused: 0 };
  // Half a million refusals, and nobody looks at their stacks.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    let bytes = next();
    let rpc = 0;
    for (let number = 0; number < MESSAGES; number += 1) {
      // Some come again in their RPC.
      if (number % 8 !== 0) {
        bytes = next();
        rpc = number % leads.length;
      }
      const start = number % 7;
      around.set(bytes, start);
      around[start + bytes.length] = number % 251;
      let theirs: VoiceVARequest | undefined;
      try {
        theirs = fromBinary(VoiceVARequestSchema, bytes);
      } catch {
        // Then neither may ours.
      }
      let wrong: string;
      try {
        const lead = leads[rpc] ?? decoder.newLead();
        decoder.decode(lead, around, start, start + bytes.length);
        const { message } = decoder;
        wrong = theirs === undefined ? 'it was not refused' : difference(message, theirs);
        counts[message.content] += 1;
        const { conversationId, organization, agentId, allowPartialResponses, vendorConfig } = message;
        const says = JSON.stringify([conversationId, organization, agentId, allowPartialResponses, vendorConfig]);
        const last = before[rpc];
        if (message.asBefore && last !== undefined && says !== last) wrong = 'it is not as the one before';
        if (message.asBefore) repeated += 1;
        before[rpc] = says;
      } catch (error) {
        wrong = theirs === undefined && error instanceof MalformedMessageError ? '' : `it was refused: ${error}`;
        counts.refused += 1;
        before[rpc] = undefined;
      }
      if (wrong !== '') expect.fail(`message ${number}, ${Buffer.from(bytes).toString('hex')}: ${wrong}`);
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  expect(repeated / MESSAGES).toBeGreaterThan(0.01);
  // Every kind was there, and often.
  for (const [kind, count] of Object.entries(counts)) expect(count / MESSAGES, kind).toBeGreaterThan(0.04);
});
