// From the numbers of forked audio to the core's words.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { LegRole } from '../wire/fork-port.ts';
import {
  AudioEncoding as EncodingNumber,
  ParticipantRole,
} from './gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking_pb.ts';

/** How a frame is coded: undefined when it does not say, `unknown` for what this version has no name for. */
export function decodeForkEncoding(encoding: number): AudioEncoding | 'unknown' | undefined {
  switch (encoding) {
    case EncodingNumber.UNSPECIFIED:
      return undefined;
    case EncodingNumber.LINEAR16:
      return 'linear16';
    case EncodingNumber.MULAW:
      return 'mulaw';
    case EncodingNumber.ALAW:
      return 'alaw';
    default:
      return 'unknown';
  }
}

/** Who is heard. */
export function decodeRole(role: number): LegRole {
  if (role === ParticipantRole.CALLER) return 'caller';
  return role === ParticipantRole.AGENT ? 'agent' : 'unknown';
}

/** When a frame was captured, in ms since 1970; undefined for the time that nobody has set. */
export function decodeTimestamp(seconds: number, nanos: number): number | undefined {
  const ms = seconds * 1000 + nanos / 1e6;
  return ms > 0 ? ms : undefined;
}
