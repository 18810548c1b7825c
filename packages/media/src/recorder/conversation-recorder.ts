// Records calls that are listened to: each to a stereo WAV file, the caller left and the person right.
import type { Conversation } from '../forking/conversation.ts';
import type {
  ConversationRecorder,
  ConversationRecorderOptions,
  ConversationRecording,
} from './conversation-recorder-options.ts';
import { createLegsRecording, type LegsRecording } from './conversation-recording.ts';
import { createMemoryBudget } from './memory-budget.ts';
import { resolveRecorderOptions } from './recorder-options.ts';
import type { RecordingEnd } from './recording.ts';
import { createRecordingFile } from './recording-file.ts';
import { createRecordingFolder } from './recording-folder.ts';
import { FRAMES_PER_MS } from './stereo-wav.ts';

/**
 * Makes a recorder of calls that are listened to, for the handler of `conversation_audio`: each becomes a WAV file, mu-law at
 * 8 kHz, the caller left and the person right, aligned by the platform's clock.
 *
 * A frame lies where it was captured, as long as it comes within a second of when it should; else where it arrived. Where two
 * speak at once in one role, one of them is heard. Files are named and kept as `createRecorder` does, within the same bounds,
 * in a folder of their own.
 *
 * @param options - the folder, and whatever differs from the defaults
 * @throws MediaError `OPTIONS_INVALID`
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { MediaServer } from '@byova/media';
 * import { createConversationRecorder } from '@byova/media/recorder';
 *
 * const directory = await mkdtemp('/tmp/conversations-');
 * const recorder = createConversationRecorder({ directory, maxMs: 1_800_000 });
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }], verify: { enforce: false } });
 * server.on('conversation_audio', async ({ conversation, log }) => {
 *   const recording = await recorder.record(conversation);
 *   log.info({ path: recording?.path, ms: recording?.durationMs }, 'recorded');
 * });
 * await server.listen({ host: '127.0.0.1', port: 0 });
 * await server.close();
 * await recorder.close();
 * await rm(directory, { recursive: true });
 * ```
 */
export function createConversationRecorder(options: ConversationRecorderOptions): ConversationRecorder {
  const { fileName: nameOf = ({ id }) => id, ...limits } = options;
  const { maxFrames, logger, clock, now, maxMemoryBytes, ...rest } = resolveRecorderOptions(
    limits,
    'createConversationRecorder',
  );
  const folder = createRecordingFolder({ ...rest, logger, clock, now });
  const unwritten = createMemoryBudget(maxMemoryBytes);
  const fileName = (conversation: Conversation): string => {
    try {
      return nameOf(conversation);
    } catch (error) {
      logger.warn({ err: error, conversationId: conversation.id }, 'a recording could not be named, and has its id');
      return conversation.id;
    }
  };
  const open = new Set<LegsRecording>();
  const finishing = new Set<Promise<unknown>>();
  let closed = false;

  // Files that a crash left are not to wait for a call. What fails here fails again, and is told, with the first call.
  folder.ready().catch(() => {});

  /** Begins with the first frame; `over` is given what becomes of it. */
  const begin = (
    conversation: Conversation,
    atMs: number,
    over: (recorded: Promise<ConversationRecording | undefined>) => void,
  ): LegsRecording => {
    const { id: conversationId, organization } = conversation;
    const startedAt = new Date(atMs);
    let failed = false;
    const warn = (error: unknown, message: string): void =>
      logger.warn({ err: error, conversationId, organization }, message);
    const file = createRecordingFile({
      folder,
      budget: unwritten,
      label: fileName(conversation),
      date: startedAt,
      onFailed(error) {
        failed = true;
        warn(error, 'the recording of a call that is listened to stops');
        recording.end('failed');
      },
    });
    const finish = async (why: RecordingEnd): Promise<ConversationRecording | undefined> => {
      try {
        const written = await file.finish();
        if (written === undefined) return undefined;
        const { path, bytes, frames } = written;
        const endedBy = failed ? 'failed' : why;
        return { conversationId, organization, path, bytes, durationMs: frames / FRAMES_PER_MS, startedAt, endedBy };
      } catch (error) {
        if (!failed) warn(error, 'the recording of a call that is listened to could not be finished');
        return undefined;
      }
    };
    const recording = createLegsRecording({
      file,
      clock,
      maxFrames,
      first: { atMs, arrivedMs: clock.now() },
      onEnded(why) {
        open.delete(recording);
        const finished = finish(why).finally(() => finishing.delete(finished));
        finishing.add(finished);
        over(finished);
      },
    });
    open.add(recording);
    return recording;
  };

  return {
    async record(conversation) {
      let recording: LegsRecording | undefined;
      const recorded = Promise.withResolvers<ConversationRecording | undefined>();
      const stop = conversation.onAudio((frame) => {
        if (recording === undefined) {
          if (closed || frame.role === 'unknown') return;
          recording = begin(conversation, frame.atMs, (result) => {
            stop();
            recorded.resolve(result);
          });
        }
        recording.frame(frame);
      });
      await Promise.race([conversation.ended, recorded.promise]);
      recording?.end('call_ended');
      return recording === undefined ? undefined : recorded.promise;
    },
    async close() {
      closed = true;
      for (const recording of [...open]) recording.end('closed');
      await Promise.all(finishing);
      folder.close();
    },
  };
}
