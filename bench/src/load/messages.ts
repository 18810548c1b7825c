// The messages of callers, encoded once. Only the conversation's id differs between calls, and it has a fixed length: so a
// caller's message is a copy of the one for all with 36 bytes overwritten, and sending a frame encodes nothing.
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { FRAME_BYTES, SAMPLE_RATE_HZ, silenceFrame, speechFrames } from '../audio.ts';
import { CallerEventType, VoiceEncoding, VoiceVARequestSchema } from '../contract.ts';
import { envelope, PREFIX_BYTES } from '../grpc-envelope.ts';
import { ORGANIZATION } from '../organization.ts';
import type { TurnScript } from '../utterance.ts';

/** Length of a conversation id, as the platform's: a UUID's text. */
const ID_LENGTH = 36;

/** Where the id begins in every message. It is the first field: its tag and its length come before it. */
export const ID_OFFSET: number = PREFIX_BYTES + 2;

/** The messages of a call with no id yet, framed for gRPC. */
export interface CallMessages {
  readonly sessionStart: Buffer;
  readonly sessionEnd: Buffer;
  readonly silence: Buffer;
  readonly speech: readonly Buffer[];
}

function template(voiceVaInputType: MessageInitShape<typeof VoiceVARequestSchema>['voiceVaInputType']): Buffer {
  const message = create(VoiceVARequestSchema, {
    conversationId: '0'.repeat(ID_LENGTH),
    customerOrgId: ORGANIZATION,
    virtualAgentId: 'demo',
    ...(voiceVaInputType && { voiceVaInputType }),
  });
  return envelope(toBinary(VoiceVARequestSchema, message));
}

function audioTemplate(callerAudio: Uint8Array): Buffer {
  if (callerAudio.length !== FRAME_BYTES) throw new Error(`A frame has ${callerAudio.length} bytes.`);
  return template({
    case: 'audioInput',
    value: { callerAudio, encoding: VoiceEncoding.MULAW_FORMAT, sampleRateHertz: SAMPLE_RATE_HZ },
  });
}

/** Where the audio begins in the messages of a frame, the same in each. */
export const AUDIO_OFFSET: number = audioTemplate(silenceFrame()).indexOf(silenceFrame());

/** The id of the n-th call of a run: of a UUID's length, different for each call and each run. */
export function conversationId(run: string, call: number): Buffer {
  return Buffer.from(`${run}-${call}`.padStart(ID_LENGTH, '0').slice(-ID_LENGTH), 'latin1');
}

/** Makes the messages of callers who keep to a script. */
export function createMessages({ speechFrames: frames }: TurnScript): CallMessages {
  return {
    sessionStart: template({ case: 'eventInput', value: { eventType: CallerEventType.SESSION_START } }),
    sessionEnd: template({ case: 'eventInput', value: { eventType: CallerEventType.SESSION_END } }),
    silence: audioTemplate(silenceFrame()),
    speech: speechFrames(frames).map(audioTemplate),
  };
}
