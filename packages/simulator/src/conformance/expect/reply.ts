// What the cases ask of a reply: that it keeps the contract, that its audio travels as the mode wants, that it has audio.
import type { RpcPurpose } from '../../call/timeline.ts';
import { decodePromptAudio } from '../../contract/prompt-audio.ts';
import { isBoundary, isReply, isTerminal } from '../../contract/reading.ts';
import { createCallChecker } from '../../contract/response-checker.ts';
import type { AgentResponse } from '../../wire/messages.ts';
import { CaseFailure, must } from '../probe/case-failure.ts';
import { type Received, summary } from '../probe/probe-rpc.ts';
import type { RunSettings } from '../run-settings.ts';

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

function failWith(rpc: Responses, reason: string): never {
  throw new CaseFailure(`${reason} (${summary(rpc, undefined)})`);
}

function checkContract(received: Responses, purpose: RpcPurpose): void {
  const checker = createCallChecker({ allowPartialResponses: false }).forRpc();
  for (const { response } of received) {
    const [finding] = checker.check(response, { purpose, keysAnnounced: false, superseded: false });
    if (finding !== undefined) failWith(received, `${finding.code}: ${finding.message}`);
  }
}

function audioOf(received: Responses, responses: readonly AgentResponse[], each: boolean): Int16Array {
  const pieces = responses.flatMap(({ prompts, type }) =>
    prompts.map(({ audio }) => {
      // The FINAL of a streamed reply has no audio; were there any, the contract's check would have said so.
      const { samples, findings } = decodePromptAudio(type === 'chunk' ? 'chunk' : 'wav', audio);
      const [finding] = findings;
      if (finding !== undefined) failWith(received, `${finding.code}: ${finding.message}`);
      if (each && audio.length === 0) failWith(received, 'A prompt of the reply has no audio.');
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

function checkChunks(received: Responses, replies: readonly AgentResponse[], terminal: boolean): void {
  for (const { prompts } of replies.slice(0, -1)) {
    if (prompts.length !== 1) failWith(received, `A CHUNK has ${prompts.length} prompts instead of one.`);
  }
  const prompts = replies.at(-1)?.prompts ?? [];
  const onePlain = prompts.length === 1 && prompts[0]?.audio.length === 0;
  if (!terminal && !onePlain) failWith(received, 'The FINAL after CHUNKs must have exactly one prompt, without audio.');
}

/** Reads the reply of one RPC. Ends the case when it is none, or breaks the contract. */
export function readReply(received: Responses, settings: RunSettings, expected: ReplyExpectation): Reply {
  const { mode, profile } = settings;
  const { purpose, audio = profile === 'demo' } = expected;
  checkContract(received, purpose);
  const replies = received.map(({ response }) => response).filter(isReply);
  const final = replies.at(-1);
  if (final === undefined) failWith(received, 'There is no reply.');
  if (final.type !== 'final') failWith(received, `The reply ends with ${final.type.toUpperCase()} instead of FINAL.`);
  if (received.slice(-1).some(({ response }) => isBoundary(response) && response.prompts.length === 0)) {
    failWith(received, 'The reply is followed by the boundary of an utterance.');
  }
  const style = replies.length > 1 ? 'chunk' : 'wav';
  const terminal = isTerminal(final);
  if (style === 'chunk') {
    if (mode === 'wav') failWith(received, 'The reply has CHUNKs; in WAV mode it is one FINAL.');
    checkChunks(received, replies, terminal);
  }
  const samples = audioOf(received, replies, audio && style === 'wav');
  // Webex's own servers welcome with WAV whatever the turns use; the rule binds the turns.
  if (style === 'wav' && mode === 'chunk' && samples.length > 0 && purpose !== 'session_start' && !terminal) {
    failWith(received, 'The reply is a WAV file; in CHUNK mode its audio comes in CHUNKs.');
  }
  if (audio) must(samples.length > 0, `The reply has no audio: ${summary(received, undefined)}.`);
  return { final, terminal, samples };
}
