// What decodes a compressed file: an interface that the decoders of this entry have, and one of your own can have.
import type { ContainerKind } from '../audio/audio-container.ts';

/** The kinds of file that can be decoded; each is recognised by its first bytes. */
export type DecodableKind = Extract<ContainerKind, 'mp3' | 'ogg-vorbis' | 'ogg-opus' | 'flac'>;

/** Samples that were decoded. */
export interface DecodedAudio {
  /** The samples of each channel, from -1 to 1; empty where nothing could be decoded yet. */
  readonly channels: readonly Float32Array[];
  /** Samples per second and channel, in Hz. Without meaning where there are no samples. */
  readonly sampleRateHz: number;
}

/** The decoding of one file or stream. */
export interface AudioDecoding {
  /** Takes the next bytes, cut anywhere, and gives what they complete. */
  decode(bytes: Uint8Array): DecodedAudio | Promise<DecodedAudio>;
  /** Ends the stream and gives the rest. */
  flush(): DecodedAudio | Promise<DecodedAudio>;
  /** Frees what the decoding holds. Called once, also after an error. */
  close(): void;
}

/** Decodes files of one kind. */
export interface AudioDecoder {
  readonly kind: DecodableKind;
  /** Begins to decode a file or a stream. */
  open(): Promise<AudioDecoding>;
}
