// What the callers of a run send, and what lets a bare server know that they have finished.
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { MULAW_MAGNITUDE, promptWav, silenceFrame, speechFrames } from '../src/audio.ts';
import { CallerEventType, VoiceEncoding, VoiceVARequestSchema } from '../src/contract.ts';
import { PREFIX_BYTES } from '../src/grpc-envelope.ts';
import { conversationId, createFrameFactory } from '../src/load/frames.ts';
import { createTurnEar } from '../src/servers/turn-ear.ts';
import { END_SILENCE_FRAMES, LEAD_FRAMES, SPEECH_FRAMES, TURN_FRAMES } from '../src/utterance.ts';

const decode = (framed: Buffer) => fromBinary(VoiceVARequestSchema, framed.subarray(PREFIX_BYTES));

const meanMagnitude = (frame: Uint8Array) =>
  frame.reduce((sum, code) => sum + (MULAW_MAGNITUDE[code] ?? 0), 0) / frame.length;

describe('frames', () => {
  const makeFrames = createFrameFactory();

  it('carry their own call and otherwise the same content', () => {
    const first = makeFrames(conversationId('run', 1));
    const second = makeFrames(conversationId('run', 2));
    expect(decode(first.silence).conversationId).toBe(conversationId('run', 1));
    expect(decode(second.silence).conversationId).toBe(conversationId('run', 2));
    expect({ ...decode(first.silence), conversationId: '' }).toEqual({ ...decode(second.silence), conversationId: '' });
  });

  it('are what the platform sends: 160 bytes of mu-law at 8 kHz, and events in messages of their own', () => {
    const { sessionStart, sessionEnd, silence, speech } = makeFrames(conversationId('run', 3));
    expect(speech).toHaveLength(SPEECH_FRAMES);
    for (const frame of [silence, ...speech]) {
      const { case: kind, value } = decode(frame).voiceVaInputType;
      expect(kind).toBe('audioInput');
      expect(value).toMatchObject({ encoding: VoiceEncoding.MULAW_FORMAT, sampleRateHertz: 8000 });
      expect(kind === 'audioInput' && value.callerAudio).toHaveLength(160);
    }
    expect(decode(sessionStart).voiceVaInputType.value).toMatchObject({ eventType: CallerEventType.SESSION_START });
    expect(decode(sessionEnd).voiceVaInputType.value).toMatchObject({ eventType: CallerEventType.SESSION_END });
  });

  it('have an id for each call, of the length that the template has room for', () => {
    const ids = [1, 2, 400_000].map((call) => conversationId('19b2f0c4d11-123456', call));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toHaveLength(36);
  });
});

describe('audio', () => {
  it('is loud where the caller speaks and quiet where not, with nothing between', () => {
    expect(meanMagnitude(silenceFrame())).toBeLessThan(20);
    for (const frame of speechFrames(SPEECH_FRAMES)) expect(meanMagnitude(frame)).toBeGreaterThan(1500);
  });

  it('is answered with a WAV whose sizes add up', () => {
    const wav = Buffer.from(promptWav());
    expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
    expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
    expect(wav.readUInt32LE(54)).toBe(wav.length - 58);
  });
});

describe('createTurnEar', () => {
  it('knows on the last frame of the end silence, once, and not before speech', () => {
    const speech = speechFrames(SPEECH_FRAMES);
    const ear = createTurnEar();
    const noticed: number[] = [];
    for (let frame = 0; frame < TURN_FRAMES + 50; frame++) {
      const spoken = speech[frame - LEAD_FRAMES];
      if (ear.hears(spoken ?? silenceFrame())) noticed.push(frame);
    }
    expect(noticed).toEqual([LEAD_FRAMES + SPEECH_FRAMES + END_SILENCE_FRAMES - 1]);
  });

  it('starts its count again when the caller goes on', () => {
    const [speech = silenceFrame()] = speechFrames(1);
    const ear = createTurnEar();
    ear.hears(speech);
    for (let frame = 1; frame < END_SILENCE_FRAMES; frame++) expect(ear.hears(silenceFrame())).toBe(false);
    ear.hears(speech);
    for (let frame = 1; frame < END_SILENCE_FRAMES; frame++) expect(ear.hears(silenceFrame())).toBe(false);
    expect(ear.hears(silenceFrame())).toBe(true);
  });
});
