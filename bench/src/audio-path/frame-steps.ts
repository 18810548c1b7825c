// What may happen to 20 ms of audio on its way through the server, each step on its own.
import { create, toBinary } from '@bufbuild/protobuf';
import { VoiceVARequestSchema } from '../../../packages/media/src/grpc/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import { speechFrames } from '../audio.ts';
import type { Work } from './meter.ts';
import type { Parts } from './parts.ts';

/** A step on the path of a frame. */
export interface FrameStep {
  readonly name: string;
  /** Bytes of one frame that go in. */
  readonly inputBytes: number;
  readonly work: Work;
}

const FRAMES = 50;
const FRAME_SAMPLES = 160;
const FRAMES_PER_SECOND = 50;

/** A voice-like signal at a rate, in frames of 20 ms. */
function samplesAt(rateHz: number): readonly Int16Array[] {
  const perFrame = rateHz / FRAMES_PER_SECOND;
  return Array.from({ length: FRAMES }, (_, frame) =>
    Int16Array.from({ length: perFrame }, (_sample, index) => {
      const t = (frame * perFrame + index) / rateHz;
      return [1, 2, 3, 5].reduce((sum, n) => sum + (5000 / n) * Math.sin(2 * Math.PI * 130 * n * t), 0);
    }),
  );
}

function bytesOf(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer.slice(0));
}

/** Goes through the frames again and again. */
function eachOf<Frame>(frames: readonly Frame[], take: (frame: Frame) => void): Work {
  return (count) => {
    for (let index = 0; index < count; index += 1) take(frames[index % FRAMES] as Frame);
  };
}

function codecSteps(parts: Parts): readonly FrameStep[] {
  const coded = speechFrames(FRAMES);
  const samples = samplesAt(8000);
  const linear = samples.map(bytesOf);
  const intoSamples = new Int16Array(FRAME_SAMPLES);
  const intoBytes = new Uint8Array(FRAME_SAMPLES);
  const intoLinear = new Uint8Array(2 * FRAME_SAMPLES);
  const bytes = FRAME_SAMPLES;
  return [
    {
      name: 'mu-law to samples',
      inputBytes: bytes,
      work: eachOf(coded, (frame) => parts.decodeMulaw(frame, intoSamples)),
    },
    {
      name: 'samples to mu-law',
      inputBytes: 2 * bytes,
      work: eachOf(samples, (frame) => parts.encodeMulaw(frame, intoBytes)),
    },
    {
      name: 'A-law to samples',
      inputBytes: bytes,
      work: eachOf(coded, (frame) => parts.decodeAlaw(frame, intoSamples)),
    },
    {
      name: 'samples to A-law',
      inputBytes: 2 * bytes,
      work: eachOf(samples, (frame) => parts.encodeAlaw(frame, intoBytes)),
    },
    {
      name: 'linear16 to samples',
      inputBytes: 2 * bytes,
      work: eachOf(linear, (frame) => parts.decodeLinear16(frame, intoSamples)),
    },
    {
      name: 'samples to linear16',
      inputBytes: 2 * bytes,
      work: eachOf(samples, (frame) => parts.encodeLinear16(frame, intoLinear)),
    },
  ];
}

function rateSteps(parts: Parts): readonly FrameStep[] {
  const resamplers = (
    [
      [16_000, 8000],
      [24_000, 8000],
      [48_000, 8000],
      [8000, 16_000],
    ] as const
  ).map(([fromHz, toHz]) => {
    const resampler = parts.createResampler({ fromHz, toHz });
    const out = new Int16Array(toHz / FRAMES_PER_SECOND);
    return {
      name: `resampler, ${fromHz / 1000} to ${toHz / 1000} kHz`,
      inputBytes: (2 * fromHz) / FRAMES_PER_SECOND,
      work: eachOf(samplesAt(fromHz), (frame) => resampler.process(frame, out)),
    };
  });
  const converters = ([16_000, 24_000] as const).map((sampleRateHz) => {
    const converter = parts.createAudioConverter({
      from: { encoding: 'linear16', sampleRateHz },
      to: { encoding: 'mulaw', sampleRateHz: 8000 },
    });
    return {
      name: `linear16 at ${sampleRateHz / 1000} kHz to mu-law`,
      inputBytes: (2 * sampleRateHz) / FRAMES_PER_SECOND,
      work: eachOf(samplesAt(sampleRateHz).map(bytesOf), (frame) => converter.convert(frame)),
    };
  });
  return [...resamplers, ...converters];
}

/** A second of audio as the lane's decoder gets it. */
function messages(): readonly Uint8Array[] {
  return speechFrames(FRAMES).map((callerAudio) =>
    toBinary(
      VoiceVARequestSchema,
      create(VoiceVARequestSchema, {
        conversationId: '6f1d9c0e-51c5-4a8e-9a57-1d5c3b1f8f55',
        customerOrgId: '7b1e2f64-0d3a-4f0e-8c57-2f6f2a1d9b33',
        virtualAgentId: 'reception',
        voiceVaInputType: {
          case: 'audioInput',
          value: { callerAudio: callerAudio as Uint8Array<ArrayBuffer>, encoding: 2, sampleRateHertz: 8000 },
        },
      }),
    ),
  );
}

function callerSteps(parts: Parts): readonly FrameStep[] {
  const frames = speechFrames(FRAMES);
  const samples = samplesAt(8000);
  const requests = messages();
  const decoder = parts.createRequestDecoder(parts.createWireReader());
  const lead = decoder.newLead();
  const detector = parts.createEnergyDetector()({ sampleRateHz: 8000 });
  const ring = parts.createByteRing({ maxBytes: 2400 });
  const collector = parts.createByteCollector({ maxBytes: 1_000_000 });
  let collected = 0;
  return [
    {
      name: "lane: a caller's message",
      inputBytes: requests[0]?.length ?? 0,
      work: eachOf(requests, (message) => decoder.decode(lead, message, 0, message.length)),
    },
    {
      name: 'speech detector, mu-law',
      inputBytes: FRAME_SAMPLES,
      work: eachOf(frames, (frame) => detector.pushCoded?.(frame, parts.MULAW_DECODED)),
    },
    {
      name: 'speech detector, samples',
      inputBytes: 2 * FRAME_SAMPLES,
      work: eachOf(samples, (frame) => detector.push(frame)),
    },
    { name: 'ring before speech', inputBytes: FRAME_SAMPLES, work: eachOf(frames, (frame) => ring.push(frame)) },
    {
      name: 'utterance of a second',
      inputBytes: FRAME_SAMPLES,
      work: eachOf(frames, (frame) => {
        collector.push(frame);
        collected += 1;
        if (collected % FRAMES === 0) collector.take();
      }),
    },
    recordingStep(parts, frames),
  ];
}

/** The caller's side of a recording, on a clock that goes on by 20 ms a frame. */
function recordingStep(parts: Parts, frames: readonly Uint8Array[]): FrameStep {
  let nowMs = 0;
  let dueMs = Number.POSITIVE_INFINITY;
  let due: (() => void) | undefined;
  const recording = parts.createRecording({
    file: { append() {}, appendSilence() {} } as unknown as Parameters<Parts['createRecording']>[0]['file'],
    budget: parts.createMemoryBudget(1_000_000),
    clock: {
      now: () => nowMs,
      setTimer(callback, delayMs) {
        due = callback;
        dueMs = nowMs + delayMs;
        return { cancel() {} };
      },
    },
    startMs: 0,
    maxFrames: Number.POSITIVE_INFINITY,
    onEnded() {},
    onLeftOut() {},
  });
  return {
    name: 'recorder',
    inputBytes: FRAME_SAMPLES,
    work: eachOf(frames, (frame) => {
      nowMs += 1000 / FRAMES_PER_SECOND;
      if (nowMs >= dueMs) due?.();
      recording.callerAudio(frame, 'mulaw', 8000);
    }),
  };
}

function agentSteps(parts: Parts): readonly FrameStep[] {
  const frames = speechFrames(FRAMES);
  const chunker = parts.createChunker(() => {});
  const encoder = parts.createResponseEncoder();
  const wav = new parts.WavReader();
  wav.push(parts.writeWav(new Uint8Array(0), { encoding: 'mulaw', sampleRateHz: 8000 }));
  return [
    { name: 'WAV that arrives in pieces', inputBytes: FRAME_SAMPLES, work: eachOf(frames, (frame) => wav.push(frame)) },
    { name: 'chunker', inputBytes: FRAME_SAMPLES, work: eachOf(frames, (frame) => chunker.write(frame)) },
    {
      name: 'lane: a CHUNK',
      inputBytes: FRAME_SAMPLES,
      work: eachOf(frames, (audio) => encoder.encode({ type: 'chunk', prompts: [{ audio, bargeIn: true }] })),
    },
  ];
}

/** All steps. */
export function frameSteps(parts: Parts): readonly FrameStep[] {
  return [...codecSteps(parts), ...rateSteps(parts), ...callerSteps(parts), ...agentSteps(parts)];
}
