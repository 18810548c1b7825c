// Servers that do one thing wrong in a call: the case that is about it fails, and its reason says what is wrong.
import { describe, expect, it } from 'vitest';
import type { Defect } from './support/defects.ts';
import { tryCase } from './support/try-case.ts';

type Row = readonly [Defect, string, 'wav' | 'chunk', RegExp];

const WELCOME: readonly Row[] = [
  ['no_welcome', 'C1', 'wav', /There is no reply/],
  ['other_config', 'C1', 'wav', /DTMF config must be 4 digits, 3000 ms and "#"; it is 9, 3000, #/],
  ['linear_wav', 'C1', 'wav', /WAV_NOT_MULAW_8K_MONO/],
  ['two_finals', 'C1', 'wav', /SECOND_FINAL/],
  ['never_completes', 'C1', 'wav', /RPC 1 was not completed within \d+ ms: got FINAL/],
];

const SPEECH: readonly Row[] = [
  ['start_on_silence', 'C3', 'wav', /START_OF_INPUT came \d+ ms before the caller spoke/],
  ['late_start', 'C3', 'wav', /START_OF_INPUT came \d+ ms after speech began; at most 300/],
  ['boundary_with_prompt', 'C3', 'wav', /BOUNDARY_NOT_ALONE/],
  ['late_end', 'C3', 'wav', /END_OF_INPUT came \d+ ms after speech ended; at most 500 \+ 500/],
  ['no_end', 'C3', 'wav', /END_OF_INPUT must follow START_OF_INPUT; got START_OF_INPUT, FINAL/],
  ['riff_in_chunk', 'C4', 'chunk', /RIFF_IN_CHUNK/],
  ['audio_in_final', 'C4', 'chunk', /AUDIO_IN_FINAL_AFTER_CHUNKS/],
  ['knows_mulaw_only', 'C6', 'chunk', /START_OF_INPUT|not the echo of the tone/],
  ['needs_session_start', 'C12', 'wav', /A spoken turn must end with OK; it ended with NOT_FOUND "no session"/],
  ['answers_silence', 'C13', 'wav', /Silence must have no reply; got FINAL/],
  ['drops_open_utterance', 'C14', 'wav', /There is no reply/],
];

const KEYS_AND_EVENTS: readonly Row[] = [
  ['answers_first_key', 'C7', 'wav', /START_OF_DTMF must be completed without a message; got FINAL/],
  ['answers_first_key', 'C10', 'wav', /Silence with START_OF_DTMF must be completed without a message/],
  ['error_without_digits', 'C9', 'wav', /must end with OK; it ended with INVALID_ARGUMENT "no digits"/],
  ['no_answer_to_no_input', 'C15', 'wav', /There is no reply/],
  ['prompt_for_session_end', 'C17', 'wav', /SESSION_END must have no answer with a prompt; got FINAL/],
  ['terminal_with_mode', 'C18', 'wav', /TERMINAL_WITH_INPUT_MODE/],
  [
    'hears_after_end',
    'C18',
    'wav',
    /Audio that arrives after TRANSFER_TO_AGENT .*without a message; got START_OF_INPUT/,
  ],
];

const OVERLAP: readonly Row[] = [
  ['one_rpc_per_call', 'C11', 'chunk', /RPC 2 ended without START_OF_INPUT: .*ALREADY_EXISTS/],
  ['dead_after_cancel', 'C19', 'chunk', /Digits after a cancelled RPC must end with OK; it ended with INTERNAL/],
  ['error_after_end', 'C25', 'wav', /SESSION_END .*must end with OK; it ended with FAILED_PRECONDITION/],
  ['short_chunks', 'C26', 'chunk', /CHUNK_TOO_SHORT/],
];

describe.each([
  ['how a call begins', WELCOME],
  ['spoken turns', SPEECH],
  ['digits and events', KEYS_AND_EVENTS],
  ['RPCs that overlap, pieces of audio, and load', OVERLAP],
])('%s', (_group, rows) => {
  it.each(rows)('%s fails %s in %s mode', async (defect, id, mode, reason) => {
    const result = await tryCase(id, { mode, defect });
    expect(result).toMatchObject({ id, status: 'failed' });
    expect(result.reason).toMatch(reason);
    // What was seen says what went each way, with times.
    expect(result.seen.join('\n')).toMatch(/^ *\d+ ms {2}RPC 1 opened: /m);
    expect(result.seen.some((line) => / [<>] /.test(line))).toBe(true);
  });
});
