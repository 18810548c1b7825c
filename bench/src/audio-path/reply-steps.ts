// What a reply costs on its way from what `play` was given to the pieces that are written to the socket.
import { toBinary } from '@bufbuild/protobuf';
import { VoiceVAResponseSchema } from '../../../packages/media/src/grpc/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import type { InputExpectation } from '../../../packages/media/src/wire/response.ts';
import { promptAudio } from '../audio.ts';
import type { Work } from './meter.ts';
import type { Parts } from './parts.ts';

/** A reply. */
export interface ReplyStep {
  readonly name: string;
  /** Does it so often; a promise where a reply has one. */
  readonly work: Work;
}

const MS_PER_SECOND = 1000;
const BYTES_PER_MS = 8;
/** What a text-to-speech service gives at a time. */
const PIECE_MS = 200;

const EXPECTATION: InputExpectation = {
  mode: 'voice_dtmf',
  dtmf: { length: 0, interDigitMs: 3000, terminator: '#' },
  speech: { completeMs: 2000, incompleteMs: 2000, maxSpeechMs: 60_000 },
  noInputMs: 10_000,
  sensitive: false,
};

function mulaw(seconds: number): Uint8Array {
  return promptAudio(seconds * MS_PER_SECOND);
}

function piecesOf(audio: Uint8Array): readonly Uint8Array[] {
  const bytes = PIECE_MS * BYTES_PER_MS;
  return Array.from({ length: audio.length / bytes }, (_, index) => audio.subarray(index * bytes, (index + 1) * bytes));
}

function repeat(once: () => void): Work {
  return (count) => {
    for (let done = 0; done < count; done += 1) once();
  };
}

function stepsOf(parts: Parts, seconds: number): readonly ReplyStep[] {
  const audio = mulaw(seconds);
  const pieces = piecesOf(audio);
  const encoder = parts.createResponseEncoder();
  const reply = (mode: 'wav' | 'chunk', given: readonly Uint8Array[], way: 'lane' | 'connect'): Work =>
    repeat(() => {
      const writer = parts.createReplyWriter(mode, {
        send(response) {
          if (way === 'lane') encoder.encode(response);
          else toBinary(VoiceVAResponseSchema, parts.encodeResponse(response));
        },
        onAudioSent() {},
        isWanted: () => true,
      });
      writer.begin(undefined, true);
      for (const piece of given) writer.write(piece);
      writer.finish({ expectation: EXPECTATION });
    });
  return [
    { name: `WAV of ${seconds} s`, work: reply('wav', [audio], 'lane') },
    { name: `WAV of ${seconds} s, in pieces`, work: reply('wav', pieces, 'lane') },
    { name: `WAV of ${seconds} s, by Connect`, work: reply('wav', [audio], 'connect') },
    { name: `CHUNKs of ${seconds} s`, work: reply('chunk', [audio], 'lane') },
    { name: `CHUNKs of ${seconds} s, in pieces`, work: reply('chunk', pieces, 'lane') },
  ];
}

/** The replies. */
export function replySteps(parts: Parts): readonly ReplyStep[] {
  return [...stepsOf(parts, 5), ...stepsOf(parts, 60)];
}

/** Bytes at 16 kHz that are given to `play` again and again. */
export interface PlaySteps {
  readonly name: string;
  /** Opens them so often. */
  play(count: number): Promise<void>;
}

/** The same bytes, played again. */
export function playSteps(parts: Parts): readonly PlaySteps[] {
  const { signal } = new AbortController();
  return [5, 60].map((seconds) => {
    const bytes = Uint8Array.from({ length: seconds * 32_000 }, (_, index) =>
      index % 2 === 0 ? index % 251 : (index >> 9) % 16,
    );
    return {
      name: `play of ${seconds} s of linear16 at 16 kHz`,
      async play(count: number) {
        for (let done = 0; done < count; done += 1) {
          await parts.openSource(bytes, { encoding: 'linear16', sampleRateHz: 16_000 }, signal);
        }
      },
    };
  });
}
