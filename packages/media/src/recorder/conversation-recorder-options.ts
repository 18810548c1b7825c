// What records calls that are listened to: its options, its results, and what can be done with it.
import type { Conversation } from '../forking/conversation.ts';
import type { CallRecording, RecorderOptions } from './recorder-options.ts';

/** A recording of a call between a caller and a person, complete and on disk. */
export interface ConversationRecording extends Omit<CallRecording, 'call'> {
  /** The call's id at Webex. */
  readonly conversationId: string;
  /** The customer organization's id. */
  readonly organization: string;
  /** When its first frame was captured, by the platform's clock. */
  readonly startedAt: Date;
}

/** What a recorder of calls that are listened to is made from. Only `directory` is needed: one that no other recorder has. */
export interface ConversationRecorderOptions
  extends Pick<
    RecorderOptions,
    'directory' | 'maxBytesTotal' | 'maxBytesPerCall' | 'maxMs' | 'maxMemoryBytes' | 'logger' | 'clock' | 'now'
  > {
  /**
   * Names the file of a call, between the date and the end of the name. What is not a letter, a digit, `-` or `_` becomes
   * `_`; 64 characters count. Default: the conversation id.
   */
  readonly fileName?: (conversation: Conversation) => string;
}

/** Records calls that are listened to. */
export interface ConversationRecorder {
  /**
   * Records a conversation from now on: call it before the handler's first `await`.
   *
   * @returns the recording, when it is on disk; undefined when there was nothing to record, or it could not be kept, which is
   * logged. Never rejects.
   */
  record(conversation: Conversation): Promise<ConversationRecording | undefined>;
  /** Ends what is being recorded, and waits for the disk. */
  close(): Promise<void>;
}
