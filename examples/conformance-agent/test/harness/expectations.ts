// What the cases ask of replies, in one place: what a WAV must be, what a chunk must be, and what every reply asks for.
import { expect } from 'vitest';
import type { AudioMode } from './agent-process.ts';
import type { Response } from './client.ts';

/** A reply that is not terminal: the mode and the config of the demo agent. */
export function expectInputConfig(response: Response | undefined): void {
  expect(response?.input_mode).toBe('INPUT_VOICE_DTMF');
  expect(response?.input_handling_config?.dtmf_config).toMatchObject({
    dtmf_input_length: 4,
    inter_digit_timeout_msec: 3000,
    termchar: 'DTMF_DIGIT_POUND',
  });
}

/** The mu-law audio of a WAV prompt: a RIFF of format 7, 8000 Hz, mono, 8 bits, with true sizes. */
export function wavAudio(bytes: Buffer): Buffer {
  expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
  expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
  const fmt = bytes.indexOf('fmt ') + 8;
  expect([
    bytes.readUInt16LE(fmt),
    bytes.readUInt16LE(fmt + 2),
    bytes.readUInt32LE(fmt + 4),
    bytes.readUInt16LE(fmt + 14),
  ]).toEqual([7, 1, 8000, 8]);
  const data = bytes.indexOf('data') + 8;
  expect(bytes.readUInt32LE(data - 4)).toBeLessThanOrEqual(bytes.length - data);
  return bytes.subarray(data, data + bytes.readUInt32LE(data - 4));
}

/** The audio of one reply, after checking that it travelled as its mode wants: events are no part of it. */
export function replyAudio(responses: readonly Response[], mode: AudioMode): Buffer {
  for (const response of responses) expect(response.output_events.length).toBeLessThanOrEqual(1);
  const reply = responses.filter(
    ({ output_events }) => !/START_OF_INPUT|END_OF_INPUT/.test(output_events[0]?.event_type ?? ''),
  );
  const last = reply.at(-1);
  expect(last?.response_type).toBe('FINAL');
  expect(reply.filter(({ response_type }) => response_type === 'FINAL')).toHaveLength(1);
  if (mode === 'wav') {
    expect(reply).toHaveLength(1);
    const prompts = (last?.prompts ?? []).map(({ audio_content }) => wavAudio(audio_content));
    for (const audio of prompts) expect(audio.length).toBeGreaterThan(0);
    return Buffer.concat(prompts);
  }
  expect(last?.prompts).toHaveLength(1);
  expect(last?.prompts[0]?.audio_content).toHaveLength(0);
  const chunks = reply.slice(0, -1).map(({ response_type, prompts }) => {
    expect(response_type).toBe('CHUNK');
    expect(prompts).toHaveLength(1);
    return prompts[0]?.audio_content ?? Buffer.alloc(0);
  });
  for (const chunk of chunks) {
    expect(chunk.length).toBeGreaterThanOrEqual(100);
    expect(chunk.length).toBeLessThanOrEqual(65_536);
    expect(chunk.toString('latin1', 0, 4)).not.toBe('RIFF');
  }
  return Buffer.concat(chunks);
}
