// Sequences of bytes that begin a connection wrongly: a preface cut or spoiled, a TLS handshake cut or spoiled, anything at all.
import type { Sequence, Step } from '../sequence/sequence.ts';
import { FRAME, frame, PREFACE } from '../wire/frames.ts';
import { garbage } from './field-values.ts';
import { cuts, ending, http2Sequence } from './http2-sequence.ts';
import type { Random } from './random.ts';

/** A ClientHello of TLS 1.3 as a client sends it: its head, version, random and lists. The lists are enough for a parser to begin. */
function clientHello(random: Random): Buffer {
  const suites = Buffer.from('130113021303c02bc02f', 'hex');
  const alpn = Buffer.from('0010000e000c02683208687474702f312e31', 'hex');
  const versions = Buffer.from('002b00050403040303', 'hex');
  const groups = Buffer.from('000a00040002001d', 'hex');
  const algorithms = Buffer.from('000d0006000404030804', 'hex');
  const share = Buffer.concat([Buffer.from('003300260024001d0020', 'hex'), random.bytes(32)]);
  const extensions = Buffer.concat([alpn, versions, groups, algorithms, share]);
  const uint16 = (value: number): Buffer => Buffer.from([value >>> 8, value & 0xff]);
  const body = Buffer.concat([
    Buffer.from('0303', 'hex'),
    random.bytes(32),
    Buffer.from([32]),
    random.bytes(32),
    uint16(suites.length),
    suites,
    Buffer.from('0100', 'hex'),
    uint16(extensions.length),
    extensions,
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), uint16(body.length), body]);
  return Buffer.concat([Buffer.from('160301', 'hex'), uint16(handshake.length), handshake]);
}

function spoil(random: Random, bytes: Buffer): Buffer {
  const spoiled = Buffer.from(bytes);
  switch (random.below(4)) {
    case 0:
      return spoiled.subarray(0, random.below(spoiled.length + 1));
    case 1:
      spoiled[random.below(spoiled.length)] = random.below(256);
      return spoiled;
    case 2:
      return Buffer.concat([spoiled, random.bytes(random.below(100))]);
    default:
      return spoiled;
  }
}

const SETTINGS = frame({ type: FRAME.settings, stream: 0 });

function opening(random: Random, tls: boolean): Buffer {
  return random.weighted<() => Buffer>([
    [tls ? 8 : 1, () => spoil(random, clientHello(random))],
    [6, () => Buffer.concat([spoil(random, PREFACE), SETTINGS])],
    [2, () => PREFACE.subarray(0, random.below(PREFACE.length + 1))],
    // The preface without SETTINGS, and with another frame before them.
    [2, () => Buffer.concat([PREFACE, frame({ type: FRAME.ping, stream: 0, payload: random.bytes(8) }), SETTINGS])],
    [1, () => Buffer.concat([PREFACE, PREFACE, SETTINGS])],
    [1, () => Buffer.concat([PREFACE, SETTINGS, random.bytes(random.below(200))])],
    [1, () => Buffer.from('PRI ', 'latin1')],
    [1, () => Buffer.from('PRI / HTTP/1.1\r\nhost: x\r\n\r\n', 'latin1')],
    [1, () => Buffer.from(garbage(random, 100), 'latin1')],
    [1, () => random.bytes(random.below(200))],
    [0.5, () => Buffer.alloc(0)],
  ])();
}

/** Makes the sequence with this number. */
export function rawSequence(random: Random, index: number, tls: boolean): Sequence {
  const steps: Step[] = [{ do: 'bytes', bytes: opening(random, tls) }];
  // Requests behind a preface that may have been taken for one.
  if (random.chance(0.4)) steps.push(...http2Sequence(random, index).steps.filter((step) => step.do !== 'wait'));
  return { index, trusted: false, steps, ...cuts(random), breaks: true, ending: ending(random) };
}
