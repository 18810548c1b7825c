// Frames of HTTP/2 other than HEADERS and DATA, as a peer may send them and as it may not.
import type { Step, StreamReference } from '../sequence/sequence.ts';
import { FLAG, FRAME, settingsPayload, uint32 } from '../wire/frames.ts';
import type { Random } from './random.ts';

/** A step, and whether a correct server may end the connection for it. */
export interface LooseFrame {
  readonly step: Step;
  readonly breaks: boolean;
  /** Whether the connection has to end with the sequence: what follows would be read as part of this frame, or blamed for it. */
  readonly isLast?: boolean;
}

const CONNECTION: StreamReference = { id: 0 };

const RESET_CODES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255, 0x7fff_ffff, 0xffff_ffff];

function frameStep(
  type: number,
  stream: StreamReference,
  payload: Uint8Array,
  { flags = 0, declaredBytes }: { readonly flags?: number; readonly declaredBytes?: number } = {},
): Step {
  const declared = declaredBytes === undefined ? {} : { declaredBytes };
  return { do: 'frame', type, flags, stream, payload, ...declared };
}

/** RST_STREAM: NO_ERROR and CANCEL as a rule. */
export function resetStep(random: Random, stream: StreamReference): Step {
  const code = random.weighted([
    [4, () => 0],
    [4, () => 8],
    [3, () => random.pick(RESET_CODES)],
  ])();
  return frameStep(FRAME.rstStream, stream, uint32(code));
}

const SETTINGS: readonly (readonly [id: number, value: number])[] = [
  [1, 0],
  [1, 4096],
  [1, 65_536],
  [2, 0],
  [3, 0],
  [3, 100],
  [4, 0],
  [4, 1],
  [4, 16],
  [4, 65_535],
  [4, 0x7fff_ffff],
  [5, 16_384],
  [5, 16_777_215],
  [6, 0],
  [6, 100],
  [6, 65_536],
  [8, 0],
  [8, 1],
  [9, 1],
  [0x0a0a, 1],
  [0xffff, 0xffff_ffff],
];
const WRONG_SETTINGS: readonly (readonly [id: number, value: number])[] = [
  [2, 2],
  [4, 0x8000_0000],
  [5, 1],
  [5, 0xffff_ffff],
  [8, 2],
];

/** Settings that a client may announce when it connects. */
export function openingSettings(random: Random): (readonly [id: number, value: number])[] {
  if (random.chance(0.6)) return [];
  return Array.from({ length: random.between(1, 4) }, () => random.pick(SETTINGS));
}

function oneOfTheStream(random: Random, stream: StreamReference): LooseFrame {
  return random.weighted<() => LooseFrame>([
    [3, () => ({ step: frameStep(FRAME.windowUpdate, stream, uint32(random.between(1, 100_000))), breaks: true })],
    [1, () => ({ step: frameStep(FRAME.windowUpdate, stream, uint32(0)), breaks: true })],
    [1, () => ({ step: frameStep(FRAME.windowUpdate, stream, uint32(0x7fff_ffff)), breaks: true })],
    [2, () => ({ step: frameStep(FRAME.priority, stream, random.bytes(5)), breaks: true })],
    [1, () => ({ step: frameStep(FRAME.priority, stream, random.bytes(4)), breaks: true })],
    [2, () => ({ step: frameStep(random.between(10, 255), stream, random.bytes(random.below(20))), breaks: false })],
    [1, () => ({ step: frameStep(FRAME.rstStream, stream, random.bytes(random.below(9))), breaks: true })],
    [
      1,
      () => ({
        step: frameStep(FRAME.continuation, stream, random.bytes(4), { flags: FLAG.endHeaders }),
        breaks: true,
      }),
    ],
    [0.5, () => ({ step: frameStep(FRAME.settings, stream, Buffer.alloc(0)), breaks: true })],
    [
      0.5,
      () => ({
        step: frameStep(FRAME.pushPromise, stream, Buffer.concat([uint32(2), random.bytes(4)]), {
          flags: FLAG.endHeaders,
        }),
        breaks: true,
      }),
    ],
    // Padding that is longer than the frame.
    [
      1,
      () => ({ step: frameStep(FRAME.data, stream, Buffer.from([200, 1, 2]), { flags: FLAG.padded }), breaks: true }),
    ],
  ])();
}

function oneOfTheConnection(random: Random): LooseFrame {
  return random.weighted<() => LooseFrame>([
    [4, () => ({ step: frameStep(FRAME.ping, CONNECTION, random.bytes(8)), breaks: false })],
    [1, () => ({ step: frameStep(FRAME.ping, CONNECTION, random.bytes(8), { flags: FLAG.ack }), breaks: true })],
    [1, () => ({ step: frameStep(FRAME.ping, CONNECTION, random.bytes(random.below(16))), breaks: true })],
    [
      3,
      () => ({ step: frameStep(FRAME.settings, CONNECTION, settingsPayload([random.pick(SETTINGS)])), breaks: true }),
    ],
    [
      1,
      () => ({
        step: frameStep(FRAME.settings, CONNECTION, settingsPayload([random.pick(WRONG_SETTINGS)])),
        breaks: true,
      }),
    ],
    [1, () => ({ step: frameStep(FRAME.settings, CONNECTION, random.bytes(random.below(20))), breaks: true })],
    [
      1,
      () => ({
        step: frameStep(FRAME.settings, CONNECTION, Buffer.alloc(0), { flags: FLAG.ack }),
        breaks: true,
        isLast: true,
      }),
    ],
    [2, () => ({ step: frameStep(FRAME.windowUpdate, CONNECTION, uint32(random.between(1, 1000))), breaks: false })],
    [1, () => ({ step: frameStep(FRAME.windowUpdate, CONNECTION, uint32(0)), breaks: true })],
    [1, () => ({ step: frameStep(FRAME.windowUpdate, CONNECTION, uint32(0x7fff_ffff)), breaks: true })],
    [
      3,
      () => ({
        step: frameStep(
          FRAME.goAway,
          CONNECTION,
          Buffer.concat([
            uint32(random.pick([0, 1, 0x7fff_ffff])),
            uint32(random.pick(RESET_CODES)),
            random.bytes(random.below(8)),
          ]),
        ),
        breaks: true,
        isLast: true,
      }),
    ],
    [
      0.5,
      () => ({ step: frameStep(FRAME.goAway, CONNECTION, random.bytes(random.below(8))), breaks: true, isLast: true }),
    ],
    [
      1,
      () => ({ step: frameStep(random.between(10, 255), CONNECTION, random.bytes(random.below(40))), breaks: false }),
    ],
    [0.5, () => ({ step: frameStep(FRAME.data, CONNECTION, random.bytes(8)), breaks: true })],
    [
      0.5,
      () => ({
        step: frameStep(FRAME.headers, CONNECTION, Buffer.from([0x82]), { flags: FLAG.endHeaders }),
        breaks: true,
      }),
    ],
    [0.5, () => ({ step: frameStep(FRAME.rstStream, CONNECTION, uint32(8)), breaks: true })],
    [0.5, () => ({ step: frameStep(FRAME.continuation, CONNECTION, random.bytes(3)), breaks: true })],
  ])();
}

/** Streams that are not the sequence's: of the server, far ahead, closed as a rule. */
function foreignStream(random: Random): StreamReference {
  return { id: random.pick([1, 2, 3, 4, 100, 999_999, 0x7fff_ffff]) };
}

function oneOfAnotherStream(random: Random): LooseFrame {
  const stream = foreignStream(random);
  const type = random.pick([FRAME.data, FRAME.headers, FRAME.rstStream, FRAME.windowUpdate, FRAME.priority]);
  const payload =
    type === FRAME.headers ? Buffer.from([0x82, 0x84, 0x86]) : random.bytes(type === FRAME.priority ? 5 : 4);
  return { step: frameStep(type, stream, payload, { flags: random.pick([0, 1, 4, 5]) }), breaks: true };
}

/** A frame whose length is not that of its payload: what follows becomes part of it, or its end becomes a frame. */
function oneOfWrongLength(random: Random, stream: StreamReference): LooseFrame {
  const payload = random.bytes(random.below(30));
  const declaredBytes = random.pick([
    0,
    payload.length + 1,
    payload.length + random.below(60),
    16_384,
    16_385,
    0xff_ffff,
  ]);
  const step = frameStep(random.below(11), stream, payload, { flags: random.below(64), declaredBytes });
  return { step, breaks: true, isLast: true };
}

/** A frame that belongs to no request. */
export function looseFrame(random: Random, stream: StreamReference): LooseFrame {
  return random.weighted<() => LooseFrame>([
    [6, () => oneOfTheStream(random, stream)],
    [5, () => oneOfTheConnection(random)],
    [2, () => oneOfAnotherStream(random)],
    [1, () => oneOfWrongLength(random, stream)],
  ])();
}
