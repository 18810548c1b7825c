// Every export of @byova/media/recorder, by name.
/**
 * Recordings of calls, in stereo.
 *
 * @module @byova/media/recorder
 */
export { createConversationRecorder } from './conversation-recorder.ts';
export type {
  ConversationRecorder,
  ConversationRecorderOptions,
  ConversationRecording,
} from './conversation-recorder-options.ts';
export { createRecorder } from './recorder.ts';
export type { CallRecording, RecorderOptions } from './recorder-options.ts';
export type { RecordingEnd } from './recording.ts';
