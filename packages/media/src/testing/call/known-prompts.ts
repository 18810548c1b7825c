// Prompts whose text the test knows. A call carries audio alone, so that a text can be looked for only by the audio that
// it stands for.
import { openSource, type Prompt, prompt } from '../../prompt/prompt.ts';
import { DialError } from '../dial-error.ts';

/** Audio to compare with: a prompt of the agent, the bytes of a WAV file or of mu-law at 8 kHz, or the URL of a file. */
export type PromptAudioSource = Prompt | Uint8Array | URL;

/** A prompt that has a `text`, or one and its text. */
export type KnownPrompt = Prompt | readonly [PromptAudioSource, string];

/** The texts of one call's prompts. */
export interface KnownPrompts {
  readonly texts: readonly string[];
  /** The audio behind every text that fits. */
  audiosOf(fits: (text: string) => boolean): readonly Uint8Array[];
  /** The texts whose audio is found in this audio, in their order; empty when there is none. */
  describe(audio: Uint8Array): string;
}

/** The bytes as a `Buffer`, which can be searched; nothing is copied. */
export function searchable(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Opens audio to compare with, as mu-law at 8 kHz. */
export async function loadPromptAudio(source: PromptAudioSource): Promise<Uint8Array> {
  if (!(source instanceof Uint8Array) && !(source instanceof URL) && !source.replayable) {
    throw new DialError({
      code: 'ARGUMENT_INVALID',
      message: 'A prompt that can be played only once cannot be compared with.',
    });
  }
  try {
    const material = source instanceof URL ? prompt.file(source) : source;
    const { audio } = await openSource(material, undefined, new AbortController().signal);
    if (audio instanceof Uint8Array) return audio;
    const pieces: Uint8Array[] = [];
    for await (const piece of audio) if (piece instanceof Uint8Array) pieces.push(piece);
    return Buffer.concat(pieces);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DialError({ code: 'AUDIO_UNUSABLE', message: `A prompt cannot be compared with: ${why}`, cause });
  }
}

function textOf(prompt: KnownPrompt): readonly [PromptAudioSource, string] {
  if (!('open' in prompt)) return prompt;
  if (prompt.text !== undefined) return [prompt, prompt.text];
  throw new DialError({
    code: 'ARGUMENT_INVALID',
    message: 'A prompt in `texts` has no text. Give it one, or give the pair [prompt, text].',
  });
}

/** Loads the prompts whose texts are known. */
export async function loadKnownPrompts(prompts: Iterable<KnownPrompt>): Promise<KnownPrompts> {
  const known: { readonly text: string; readonly audio: Uint8Array }[] = [];
  for (const [source, text] of [...prompts].map(textOf)) {
    const audio = await loadPromptAudio(source);
    if (audio.length === 0)
      throw new DialError({ code: 'AUDIO_UNUSABLE', message: `The prompt of the text "${text}" is empty.` });
    known.push({ text, audio });
  }
  return {
    texts: known.map(({ text }) => text),
    audiosOf: (fits) => known.filter(({ text }) => fits(text)).map(({ audio }) => audio),
    describe(audio) {
      const all = searchable(audio);
      return known
        .map(({ text, audio: part }) => ({ text, at: all.indexOf(part) }))
        .filter(({ at }) => at >= 0)
        .sort((a, b) => a.at - b.at)
        .map(({ text }) => text)
        .join(' + ');
    },
  };
}
