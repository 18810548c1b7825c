// Decoders in WebAssembly, each in a package of its own that the program installs. They need no network, no native code and
// no thread.
import { MediaError } from '../errors/media-errors.ts';
import type { AudioDecoder, AudioDecoding, DecodableKind, DecodedAudio } from './audio-decoder.ts';

/** What the decoders of these packages give. */
interface WasmAudio {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
}

/** What their classes have in common. */
interface WasmDecoder {
  readonly ready: Promise<void>;
  decode(bytes: Uint8Array): WasmAudio | Promise<WasmAudio>;
  /** MP3 has none: a frame is decoded when its last byte is there. */
  flush?(): Promise<WasmAudio>;
  free(): void;
}

const NOTHING: DecodedAudio = { channels: [], sampleRateHz: 0 };

function decoded({ channelData, samplesDecoded, sampleRate }: WasmAudio): DecodedAudio {
  return samplesDecoded === 0 ? NOTHING : { channels: channelData, sampleRateHz: sampleRate };
}

class WasmDecoding implements AudioDecoding {
  readonly #decoder: WasmDecoder;

  constructor(decoder: WasmDecoder) {
    this.#decoder = decoder;
  }

  async decode(bytes: Uint8Array): Promise<DecodedAudio> {
    return decoded(await this.#decoder.decode(bytes));
  }

  async flush(): Promise<DecodedAudio> {
    const rest = await this.#decoder.flush?.();
    return rest === undefined ? NOTHING : decoded(rest);
  }

  close(): void {
    try {
      this.#decoder.free();
    } catch {
      // A decoder that failed in its own memory cannot free parts of it: all of it goes with the object.
    }
  }
}

/** A decoder whose package is loaded when the first file is decoded. */
function wasmDecoder(kind: DecodableKind, name: string, make: () => Promise<WasmDecoder>): AudioDecoder {
  const load = async (): Promise<WasmDecoder> => {
    try {
      const decoder = await make();
      await decoder.ready;
      return decoder;
    } catch (cause) {
      throw new MediaError({
        code: 'PROMPT_FAILED',
        message: `The decoder ${name} cannot be loaded. Install it beside @byova/media: npm install ${name}`,
        cause,
      });
    }
  };
  return { kind, open: async () => new WasmDecoding(await load()) };
}

/** Decodes MP3 by `mpg123-decoder`, which your program installs. */
export function mp3(): AudioDecoder {
  return wasmDecoder('mp3', 'mpg123-decoder', async () => {
    const { MPEGDecoder } = await import('mpg123-decoder');
    return new MPEGDecoder();
  });
}

/** Decodes Ogg Vorbis by `@wasm-audio-decoders/ogg-vorbis`, which your program installs. */
export function vorbis(): AudioDecoder {
  return wasmDecoder('ogg-vorbis', '@wasm-audio-decoders/ogg-vorbis', async () => {
    const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
    return new OggVorbisDecoder();
  });
}

/** Decodes Ogg Opus by `ogg-opus-decoder`, which your program installs. */
export function opus(): AudioDecoder {
  return wasmDecoder('ogg-opus', 'ogg-opus-decoder', async () => {
    const { OggOpusDecoder } = await import('ogg-opus-decoder');
    return new OggOpusDecoder();
  });
}

/** Decodes FLAC by `@wasm-audio-decoders/flac`, which your program installs. */
export function flac(): AudioDecoder {
  return wasmDecoder('flac', '@wasm-audio-decoders/flac', async () => {
    const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
    return new FLACDecoder();
  });
}
