// The messages of a caller, encoded once. Only the conversation's id differs between calls, and it has a fixed length:
// so a call's messages are a copy of a template with 36 bytes overwritten, and sending a frame encodes nothing.
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { FRAME_BYTES, SAMPLE_RATE_HZ, silenceFrame, speechFrames } from '../audio.ts';
import { CallerEventType, VoiceEncoding, VoiceVARequestSchema } from '../contract.ts';
import { envelope, PREFIX_BYTES } from '../grpc-envelope.ts';
import { ORGANIZATION } from '../organization.ts';
import { SPEECH_FRAMES } from '../utterance.ts';

/** Length of a conversation id, as the platform's: a UUID's text. */
const ID_LENGTH = 36;

/** The id is the message's first field: its tag and its length come before it. */
const ID_OFFSET: number = PREFIX_BYTES + 2;

/** One call's messages, framed for gRPC and ready to be written. */
export interface CallFrames {
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
export function conversationId(run: string, call: number): string {
  return `${run}-${call}`.padStart(ID_LENGTH, '0').slice(-ID_LENGTH);
}

/** Makes the messages of one call after another. */
export function createFrameFactory(): (id: string) => CallFrames {
  const templates = [
    template({ case: 'eventInput', value: { eventType: CallerEventType.SESSION_START } }),
    template({ case: 'eventInput', value: { eventType: CallerEventType.SESSION_END } }),
    audioTemplate(silenceFrame()),
    ...speechFrames(SPEECH_FRAMES).map(audioTemplate),
  ];
  return (id) => {
    const [sessionStart, sessionEnd, silence, ...speech] = templates.map((bytes) => {
      const copy = Buffer.from(bytes);
      copy.write(id, ID_OFFSET, ID_LENGTH, 'latin1');
      return copy;
    });
    if (!sessionStart || !sessionEnd || !silence) throw new Error('The templates are incomplete.');
    return { sessionStart, sessionEnd, silence, speech };
  };
}
