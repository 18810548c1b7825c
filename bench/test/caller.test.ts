// What the callers of a run send, and what lets a bare server know that they have finished.
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { FRAME_MS, MULAW_MAGNITUDE, promptWav, silenceFrame, speechFrames } from '../src/audio.ts';
import { CallerEventType, VoiceEncoding, VoiceVARequestSchema } from '../src/contract.ts';
import { PREFIX_BYTES } from '../src/grpc-envelope.ts';
import { conversationId, createMessages, ID_OFFSET } from '../src/load/messages.ts';
import { createTurnEar } from '../src/servers/turn-ear.ts';
import { END_SILENCE_FRAMES, TURNS } from '../src/utterance.ts';

const SCRIPT = TURNS.typical;

const decode = (framed: Buffer) => fromBinary(VoiceVARequestSchema, framed.subarray(PREFIX_BYTES));

const meanMagnitude = (frame: Uint8Array) =>
  frame.reduce((sum, code) => sum + (MULAW_MAGNITUDE[code] ?? 0), 0) / frame.length;

describe('messages', () => {
  const messages = createMessages(SCRIPT);

  it('take the id of their call where they have room for one', () => {
    const id = conversationId('run', 1);
    for (const message of [messages.sessionStart, messages.sessionEnd, messages.silence, ...messages.speech]) {
      const copy = Buffer.from(message);
      copy.set(id, ID_OFFSET);
      expect(decode(copy)).toEqual({ ...decode(message), conversationId: id.toString('latin1') });
    }
  });

  it('are what the platform sends: 160 bytes of mu-law at 8 kHz, and events in messages of their own', () => {
    const { sessionStart, sessionEnd, silence, speech } = messages;
    expect(speech).toHaveLength(SCRIPT.speechFrames);
    for (const frame of [silence, ...speech]) {
      const { case: kind, value } = decode(frame).voiceVaInputType;
      expect(kind).toBe('audioInput');
      expect(value).toMatchObject({ encoding: VoiceEncoding.MULAW_FORMAT, sampleRateHertz: 8000 });
      expect(kind === 'audioInput' && value.callerAudio).toHaveLength(160);
    }
    expect(decode(sessionStart).voiceVaInputType.value).toMatchObject({ eventType: CallerEventType.SESSION_START });
    expect(decode(sessionEnd).voiceVaInputType.value).toMatchObject({ eventType: CallerEventType.SESSION_END });
  });

  it('have an id for each call, of the length that there is room for', () => {
    const ids = [1, 2, 400_000].map((call) => conversationId('19b2f0c4d11-123456', call));
    expect(new Set(ids.map(String)).size).toBe(3);
    for (const id of ids) expect(id).toHaveLength(36);
  });
});

describe('TURNS', () => {
  it.each(Object.values(TURNS))('leaves the prompt time to be heard: %o', (script) => {
    // With what the line adds, and a little for the server.
    expect(script.promptMs + 200).toBeLessThanOrEqual(script.leadFrames * FRAME_MS);
  });

  it('is 6 s when it is typical', () => expect(TURNS.typical.turnMs).toBe(6000));
});

describe('audio', () => {
  it('is loud where the caller speaks and quiet where not, with nothing between', () => {
    expect(meanMagnitude(silenceFrame())).toBeLessThan(20);
    for (const frame of speechFrames(SCRIPT.speechFrames)) expect(meanMagnitude(frame)).toBeGreaterThan(1500);
  });

  it('is answered with a WAV whose sizes add up', () => {
    const wav = Buffer.from(promptWav(300));
    expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
    expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
    expect(wav.readUInt32LE(54)).toBe(wav.length - 58);
  });
});

describe('createTurnEar', () => {
  it('knows on the last frame of the end silence, once, and not before speech', () => {
    const speech = speechFrames(SCRIPT.speechFrames);
    const ear = createTurnEar();
    const noticed: number[] = [];
    for (let frame = 0; frame < SCRIPT.turnFrames + 50; frame++) {
      const spoken = speech[frame - SCRIPT.leadFrames];
      if (ear.hears(spoken ?? silenceFrame())) noticed.push(frame);
    }
    expect(noticed).toEqual([SCRIPT.turnFrames - 1]);
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
