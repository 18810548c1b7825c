// What the cases ask of a reply: that it keeps the contract, that its audio travels as the mode wants, that it has audio.
import type { RpcPurpose } from '../../call/timeline.ts';
import { decodePromptAudio } from '../../contract/prompt-audio.ts';
import { isBoundary, isReply, isTerminal } from '../../contract/reading.ts';
import { createCallChecker } from '../../contract/response-checker.ts';
import { RESPONSE_RULES } from '../../contract/response-rules.ts';
import type { ResponseFinding } from '../../contract/violation.ts';
import type { AgentResponse } from '../../wire/messages.ts';
import type { RuleCode } from '../case-rules.ts';
import { CaseFailure, must } from '../probe/case-failure.ts';
import type { Probe } from '../probe/probe.ts';
import { type Received, summary } from '../probe/probe-rpc.ts';

/** A reply that keeps the contract. */
export interface Reply {
  readonly final: AgentResponse;
  /** Whether it ends the call or hands it over. */
  readonly terminal: boolean;
  /** All of its audio, at 8000 Hz. */
  readonly samples: Int16Array;
}

/** What was asked, and what is asked of the answer. */
export interface ReplyExpectation {
  /** What the RPC was opened for. */
  readonly purpose: RpcPurpose;
  /** Whether it must have audio. Default: with the demo agent, which always speaks. */
  readonly audio?: boolean;
}

type Responses = readonly Received<AgentResponse>[];

/** The rules that want a reply at all. Elsewhere the case itself does. */
const MISSING: Readonly<Partial<Record<RpcPurpose, RuleCode>>> = {
  session_start: 'REPLY_MISSING',
  audio: 'REPLY_MISSING',
  dtmf: 'DIGITS_UNANSWERED',
  no_input: 'NO_INPUT_UNANSWERED',
};

/** Reads one reply. */
class ReplyReader {
  readonly #probe: Probe;
  readonly #received: Responses;
  readonly #purpose: RpcPurpose;

  constructor(probe: Probe, received: Responses, purpose: RpcPurpose) {
    this.#probe = probe;
    this.#received = received;
    this.#purpose = purpose;
  }

  /** Ends the case. */
  fail(reason: string, rule?: RuleCode): never {
    throw new CaseFailure(`${reason} (${summary(this.#received, undefined)})`, rule);
  }

  /** Ends the case for a rule of the contract, and goes on after advice. */
  judge({ code, message }: ResponseFinding): void {
    if (RESPONSE_RULES[code].kind === 'contract') this.fail(`${code}: ${message}`, code);
    this.advise(`${code}: ${message}`, code);
  }

  advise(reason: string, rule: RuleCode): void {
    this.#probe.find({ rule, message: `${reason} (${summary(this.#received, undefined)})` });
  }

  checkContract(): void {
    const checker = createCallChecker({ allowPartialResponses: false }).forRpc();
    const situation = { purpose: this.#purpose, keysAnnounced: false, superseded: false };
    for (const { response } of this.#received) {
      for (const finding of checker.check(response, situation)) this.judge(finding);
    }
  }

  /** Where the style of the audio is not the one of the mode: an error in a spoken turn, advice elsewhere. */
  checkStyle(style: 'wav' | 'chunk', hasAudio: boolean, terminal: boolean): void {
    const { mode } = this.#probe.settings;
    const spoken = this.#purpose === 'audio';
    const code = spoken ? 'AUDIO_STYLE_CHANGED' : 'AUDIO_STYLE_DIFFERS';
    if (style === 'chunk' && mode === 'wav') {
      this.judge({ code, message: 'The reply has CHUNKs; in WAV mode it is one FINAL.' });
    }
    // Cisco's own servers welcome with WAV whatever the turns use; the rule binds the turns.
    if (style === 'wav' && mode === 'chunk' && hasAudio && this.#purpose !== 'session_start' && !terminal) {
      this.judge({ code, message: 'The reply is a WAV file; in CHUNK mode its audio comes in CHUNKs.' });
    }
  }

  checkChunks(replies: readonly AgentResponse[]): void {
    const odd = replies.slice(0, -1).find(({ prompts }) => prompts.length !== 1);
    if (odd === undefined) return;
    this.advise(`A CHUNK has ${odd.prompts.length} prompts instead of one.`, 'CHUNK_PROMPTS');
  }

  /** The audio of the replies; with `each`, every prompt must have some. */
  audioOf(replies: readonly AgentResponse[], each: boolean): Int16Array {
    const pieces = replies.flatMap(({ prompts, type }) =>
      prompts.map(({ audio }) => {
        // The FINAL of a streamed reply has no audio; were there any, the contract's check would have said so.
        const { samples, findings } = decodePromptAudio(type === 'chunk' ? 'chunk' : 'wav', audio);
        for (const finding of findings) this.judge(finding);
        if (each && audio.length === 0) this.fail('A prompt of the reply has no audio.');
        return samples;
      }),
    );
    const samples = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let offset = 0;
    for (const piece of pieces) {
      samples.set(piece, offset);
      offset += piece.length;
    }
    return samples;
  }

  read(audio: boolean): Reply {
    this.checkContract();
    const replies = this.#received.map(({ response }) => response).filter(isReply);
    const final = replies.at(-1);
    if (final === undefined) return this.fail('There is no reply.', MISSING[this.#purpose]);
    if (final.type !== 'final') {
      this.fail(`The reply ends with ${final.type.toUpperCase()} instead of FINAL.`, 'REPLY_NOT_FINAL');
    }
    const last = this.#received.at(-1);
    if (last !== undefined && isBoundary(last.response) && last.response.prompts.length === 0) {
      this.fail('The reply is followed by the boundary of an utterance.', 'BOUNDARY_OUT_OF_ORDER');
    }
    const style = replies.some(({ type }) => type === 'chunk') ? 'chunk' : 'wav';
    const terminal = isTerminal(final);
    if (style === 'chunk') this.checkChunks(replies);
    const samples = this.audioOf(replies, audio && style === 'wav');
    this.checkStyle(style, samples.length > 0, terminal);
    if (audio) must(samples.length > 0, `The reply has no audio: ${summary(this.#received, undefined)}.`);
    return { final, terminal, samples };
  }
}

/** Reads the reply of one RPC. Ends the case when there is none, or when it breaks the contract. */
export function readReply(probe: Probe, received: Responses, expected: ReplyExpectation): Reply {
  const { purpose, audio = probe.settings.profile === 'demo' } = expected;
  return new ReplyReader(probe, received, purpose).read(audio);
}
