// Every export of @byova/media/recorder, by name.
/**
 * Recordings of calls, in stereo.
 *
 * @module @byova/media/recorder
 */
export { createRecorder } from './recorder.ts';
export type { CallRecording, RecorderOptions } from './recorder-options.ts';
export type { RecordingEnd } from './recording.ts';
