// Servers that do one thing wrong in a call: the case that is about it finds it, says who asks for it, and fails where that is
// the contract.
import { describe, expect, it } from 'vitest';
import type { RuleKind } from '../../src/index.ts';
import type { Defect } from './support/defects.ts';
import { tryCase } from './support/try-case.ts';

type Row = readonly [Defect, string, 'wav' | 'chunk', RuleKind, string, RegExp];

const WELCOME: readonly Row[] = [
  ['no_welcome', 'C1', 'wav', 'contract', 'REPLY_MISSING', /There is no reply/],
  [
    'other_config',
    'C1',
    'wav',
    'advice',
    'DEMO_DIALOGUE',
    /DTMF config must be 4 digits, 3000 ms and "#"; it is 9, 3000, #/,
  ],
  ['linear_wav', 'C1', 'wav', 'advice', 'WAV_NOT_MULAW_8K_MONO', /WAV_NOT_MULAW_8K_MONO/],
  ['two_finals', 'C1', 'wav', 'advice', 'SEVERAL_FINALS', /A second FINAL reply came in one RPC/],
  ['never_completes', 'C1', 'wav', 'contract', 'RPC_NOT_COMPLETED', /RPC 1 was not completed within \d+ ms: got FINAL/],
];

const SPEECH: readonly Row[] = [
  [
    'start_on_silence',
    'C3',
    'wav',
    'contract',
    'START_OF_INPUT_EARLY',
    /START_OF_INPUT came \d+ ms before the caller spoke/,
  ],
  [
    'late_start',
    'C3',
    'wav',
    'advice',
    'START_OF_INPUT_LATE',
    /START_OF_INPUT came \d+ ms after speech began; at most 300/,
  ],
  // Its prompt makes a reply of it, and so the second FINAL of the turn.
  ['boundary_with_prompt', 'C3', 'wav', 'contract', 'REPLY_WITHOUT_INPUT_CONFIG', /REPLY_WITHOUT_INPUT_CONFIG/],
  [
    'end_with_reply',
    'C3',
    'wav',
    'advice',
    'BOUNDARY_NOT_ALONE',
    /BOUNDARY_NOT_ALONE.*got START_OF_INPUT, END_OF_INPUT/,
  ],
  [
    'late_end',
    'C3',
    'wav',
    'advice',
    'END_OF_INPUT_LATE',
    /END_OF_INPUT came \d+ ms after speech ended; at most 500 \+ 500/,
  ],
  [
    'early_end',
    'C3',
    'wav',
    'contract',
    'END_OF_INPUT_EARLY',
    /END_OF_INPUT came \d+ ms before the caller fell silent/,
  ],
  [
    'no_end',
    'C3',
    'wav',
    'contract',
    'SPEECH_NOT_MARKED',
    /END_OF_INPUT must follow START_OF_INPUT; got START_OF_INPUT, FINAL/,
  ],
  ['riff_in_chunk', 'C4', 'chunk', 'contract', 'RIFF_IN_CHUNK', /RIFF_IN_CHUNK/],
  ['audio_in_final', 'C4', 'chunk', 'contract', 'AUDIO_IN_FINAL_AFTER_CHUNKS', /AUDIO_IN_FINAL_AFTER_CHUNKS/],
  ['knows_mulaw_only', 'C6', 'chunk', 'advice', '', /START_OF_INPUT|not the echo of the tone/],
  [
    'needs_session_start',
    'C12',
    'wav',
    'contract',
    'STATUS_NOT_OK',
    /Digits as the first RPC of a conversation must end with OK; it ended with NOT_FOUND "no session"/,
  ],
  ['answers_silence', 'C13', 'wav', 'contract', 'C13', /Silence must have no reply; got FINAL/],
  ['drops_open_utterance', 'C14', 'wav', 'advice', 'REPLY_MISSING', /There is no reply/],
];

const KEYS_AND_EVENTS: readonly Row[] = [
  ['answers_first_key', 'C7', 'wav', 'contract', 'C7', /START_OF_DTMF must be completed without a message; got FINAL/],
  [
    'answers_first_key',
    'C10',
    'wav',
    'contract',
    'C10',
    /Silence with START_OF_DTMF must be completed without a message/,
  ],
  [
    'error_without_digits',
    'C9',
    'wav',
    'advice',
    'STATUS_NOT_OK',
    /must end with OK; it ended with INVALID_ARGUMENT "no digits"/,
  ],
  ['no_answer_to_no_input', 'C15', 'wav', 'advice', 'NO_INPUT_UNANSWERED', /There is no reply/],
  [
    'prompt_for_session_end',
    'C17',
    'wav',
    'contract',
    'PROMPT_AFTER_SESSION_END',
    /SESSION_END must have no answer with a prompt; got FINAL/,
  ],
  ['terminal_with_mode', 'C18', 'wav', 'advice', 'TERMINAL_WITH_INPUT_MODE', /TERMINAL_WITH_INPUT_MODE/],
  [
    'hears_after_end',
    'C18',
    'wav',
    'advice',
    'LATE_AUDIO',
    /Audio that arrives after TRANSFER_TO_AGENT .*without a message; got START_OF_INPUT/,
  ],
];

const OVERLAP: readonly Row[] = [
  ['one_rpc_per_call', 'C11', 'chunk', 'contract', 'C11', /RPC 2 ended without START_OF_INPUT: .*ALREADY_EXISTS/],
  [
    'dead_after_cancel',
    'C19',
    'chunk',
    'advice',
    'STATUS_NOT_OK',
    /Digits after a cancelled RPC must end with OK; it ended with INTERNAL/,
  ],
  [
    'error_after_end',
    'C25',
    'wav',
    'advice',
    'STATUS_NOT_OK',
    /SESSION_END .*must end with OK; it ended with FAILED_PRECONDITION/,
  ],
  ['short_chunks', 'C26', 'chunk', 'contract', 'CHUNK_TOO_SHORT', /CHUNK_TOO_SHORT/],
];

describe.each([
  ['how a call begins', WELCOME],
  ['spoken turns', SPEECH],
  ['digits and events', KEYS_AND_EVENTS],
  ['RPCs that overlap, pieces of audio, and load', OVERLAP],
])('%s', (_group, rows) => {
  it.each(rows)('%s breaks %s in %s mode: %s', async (defect, id, mode, kind, rule, message) => {
    const result = await tryCase(id, { mode, defect });
    expect(result).toMatchObject({ id, status: kind === 'contract' ? 'failed' : 'advised' });
    const [finding] = result.findings;
    expect(finding).toMatchObject({ kind, ...(rule === '' ? {} : { rule }), message: expect.stringMatching(message) });
    expect(finding?.source, 'a rule of the contract has its source').toEqual(
      kind === 'contract' ? expect.stringMatching(/^https:\/\/github\.com\//) : undefined,
    );
    if (kind === 'advice') {
      expect(result).not.toHaveProperty('reason');
      return;
    }
    expect(result.reason).toMatch(message);
    // What was seen says what went each way, with times.
    expect(result.seen.join('\n')).toMatch(/^ *\d+ ms {2}RPC 1 opened: /m);
    expect(result.seen.some((line) => / [<>] /.test(line))).toBe(true);
  });
});
