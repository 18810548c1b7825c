// What the server of these tests can do wrong, each to show that one case notices.

/** One thing that is done wrong. */
export type Defect =
  // How a call begins.
  | 'no_welcome'
  | 'waits_for_half_close'
  | 'other_config'
  | 'linear_wav'
  | 'two_finals'
  | 'never_completes'
  // Spoken turns.
  | 'start_on_silence'
  | 'late_start'
  | 'boundary_with_prompt'
  | 'end_with_reply'
  | 'early_end'
  | 'late_end'
  | 'no_end'
  | 'riff_in_chunk'
  | 'audio_in_final'
  | 'needs_declared_frames'
  | 'knows_mulaw_only'
  | 'needs_session_start'
  | 'answers_silence'
  | 'drops_open_utterance'
  // Digits.
  | 'answers_first_key'
  | 'reads_terminator'
  | 'error_without_digits'
  // Events.
  | 'no_answer_to_no_input'
  | 'metadata_as_strings'
  | 'prompt_for_session_end'
  | 'terminal_with_mode'
  | 'hears_after_end'
  // Overlap.
  | 'one_rpc_per_call'
  | 'plays_on'
  | 'dead_after_cancel'
  | 'error_after_end'
  // Refusals.
  | 'any_agent'
  | 'any_conversation'
  | 'takes_nothing_for_something'
  | 'shows_the_error'
  // Services.
  | 'two_defaults'
  | 'unknown_service_serves'
  | 'watch_ends'
  | 'health_needs_token'
  | 'list_without_token'
  // Tokens.
  | 'takes_any_token'
  | 'takes_foreign_issuers'
  | 'tells_why'
  | 'reads_before_refusing'
  | 'any_organization'
  // Audio in pieces, load, forking.
  | 'short_chunks'
  | 'loses_bytes'
  | 'fails_under_load'
  | 'acknowledges_early'
  | 'takes_odd_bytes'
  // The process.
  | 'goes_away';

/** Whether one thing is done wrong. */
export type Broken = (defect: Defect) => boolean;
