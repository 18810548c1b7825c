// The recorder: a plugin that writes each call to a stereo WAV file, the caller left and the agent right.
import type { ObservedCall } from '../observability/observation.ts';
import type { MediaPlugin } from '../observability/plugin.ts';
import { createMemoryBudget } from './memory-budget.ts';
import { type RecorderOptions, resolveRecorderOptions } from './recorder-options.ts';
import { createRecording, type Recording, type RecordingEnd } from './recording.ts';
import { createRecordingFile } from './recording-file.ts';
import { createRecordingFolder } from './recording-folder.ts';
import { FRAMES_PER_MS } from './stereo-wav.ts';

/**
 * Makes a recorder: a plugin for one server that writes each call to a WAV file, mu-law at 8 kHz, the caller left and the
 * agent right, aligned in time.
 *
 * The caller's audio lies where it arrived, the agent's where the caller heard it, and stops where it was cut. What is
 * sensitive is silence: the server does not give it to plugins. Keys are not audio and are not in it.
 *
 * A file is written as `byova-<date>-<call>.wav.part` and is renamed when it is complete. Of files that a crash left, the
 * recorder finishes those that have audio and removes the others: when it is made, or a minute after the last write to
 * them. When the disk takes no more, the recording of that call ends with a warning, and the call goes on.
 *
 * @param options - the folder, and whatever differs from the defaults
 * @returns a plugin for `server.use`
 * @throws MediaError `OPTIONS_INVALID`
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { MediaServer } from '@byova/media';
 * import { createRecorder } from '@byova/media/recorder';
 *
 * const directory = await mkdtemp('/tmp/recordings-');
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }], verify: { enforce: false } });
 * const recorder = createRecorder({
 *   directory,
 *   maxBytesTotal: 5_000_000_000,
 *   when: (call) => call.agentId === 'reception',
 *   onRecorded: ({ path, durationMs }) => console.log(path, durationMs),
 * });
 * server.use(recorder);
 * await server.listen({ host: '127.0.0.1', port: 0 });
 * await server.close(); // finishes what is being recorded
 * await rm(directory, { recursive: true });
 * ```
 */
export function createRecorder(options: RecorderOptions): MediaPlugin {
  const { maxFrames, fileName, onRecorded, when, logger, clock, now, maxMemoryBytes, ...rest } =
    resolveRecorderOptions(options);
  const folder = createRecordingFolder({ ...rest, logger, clock, now });
  // Long prompts of many calls must not take the room of what waits for the disk.
  const unheard = createMemoryBudget(Math.floor(maxMemoryBytes * 0.75));
  const unwritten = createMemoryBudget(Math.floor(maxMemoryBytes * 0.25));
  const recordings = new Map<ObservedCall, Recording>();
  const finishing = new Set<Promise<void>>();
  let closed = false;

  // Files that a crash left are not to wait for a call. What fails here fails again, and is told, with the first call.
  folder.ready().catch(() => {});

  const start = (call: ObservedCall, startMs: number): void => {
    const startedAt = new Date(now() - (clock.now() - startMs));
    let leftOut = false;
    let failed = false;
    const warn = (error: unknown, message: string): void =>
      logger.warn({ err: error, conversationId: call.id, organization: call.organization }, message);

    const file = createRecordingFile({
      folder,
      budget: unwritten,
      label: fileName(call),
      date: startedAt,
      onFailed(error) {
        failed = true;
        warn(error, 'the recording of a call stops');
        recording.end('failed', clock.now());
      },
    });

    const finish = async (why: RecordingEnd): Promise<void> => {
      try {
        const written = await file.finish();
        if (written === undefined) return;
        const { path, bytes, frames } = written;
        const endedBy = failed ? 'failed' : why;
        await onRecorded({ call, path, bytes, durationMs: frames / FRAMES_PER_MS, startedAt, endedBy });
      } catch (error) {
        if (!failed) warn(error, 'the recording of a call could not be finished');
      }
    };

    const recording = createRecording({
      file,
      budget: unheard,
      clock,
      startMs,
      maxFrames,
      onEnded(why) {
        recordings.delete(call);
        const finished = finish(why).finally(() => finishing.delete(finished));
        finishing.add(finished);
      },
      onLeftOut() {
        if (leftOut) return;
        leftOut = true;
        warn(undefined, 'a recording lacks audio of the agent: all recordings together hold maxMemoryBytes');
      },
    });
    recordings.set(call, recording);
  };

  return {
    name: 'recorder',
    observe(observation) {
      if (observation.type === 'session_started') {
        if (!closed && when(observation.call)) start(observation.call, observation.atMs);
      } else if (observation.type === 'session_ended') {
        recordings.get(observation.call)?.end('call_ended', observation.atMs);
      }
    },
    callerAudio(call, audio, encoding, sampleRateHz) {
      recordings.get(call)?.callerAudio(audio, encoding, sampleRateHz);
    },
    agentAudio(call, audio, heardAtMs) {
      recordings.get(call)?.agentAudio(audio, heardAtMs);
    },
    agentAudioCut(call, atMs) {
      recordings.get(call)?.agentAudioCut(atMs);
    },
    async close() {
      closed = true;
      for (const recording of [...recordings.values()]) recording.end('closed', clock.now());
      await Promise.all(finishing);
      folder.close();
    },
  };
}
