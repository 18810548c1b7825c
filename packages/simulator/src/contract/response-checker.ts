// Holds each response against the contract. Knows what came before it in its RPC and in its call; changes nothing else.
import type { RpcPurpose } from '../call/timeline.ts';
import type { AgentResponse } from '../wire/messages.ts';
import { eventOf, isBoundary, isReply, isTerminal } from './reading.ts';
import type { ResponseFinding } from './violation.ts';

/** Where an RPC is when a response arrives on it. */
export interface RpcSituation {
  readonly purpose: RpcPurpose;
  /** START_OF_DTMF was sent on it. */
  readonly keysAnnounced: boolean;
  /** The caller has moved on to a later RPC, so that this one's reply asks for nothing any more. */
  readonly superseded: boolean;
}

/** Checks the responses of one RPC, in their order. */
export interface RpcChecker {
  check(response: AgentResponse, situation: RpcSituation): readonly ResponseFinding[];
}

/** Makes the checkers of one call. */
export interface CallChecker {
  forRpc(): RpcChecker;
}

type Report = (code: ResponseFinding['code'], message: string) => void;

function hasAudio(response: AgentResponse): boolean {
  return response.prompts.some((prompt) => prompt.audio.length > 0);
}

function checkSilentRpc(response: AgentResponse, situation: RpcSituation, report: Report): void {
  if (situation.purpose === 'session_end') {
    const prompted = response.prompts.length > 0;
    const what = prompted ? 'answered with a prompt' : 'answered';
    const message = `SESSION_END was ${what}; the caller is gone, so only complete the RPC.`;
    report(prompted ? 'PROMPT_AFTER_SESSION_END' : 'ANSWER_TO_SESSION_END', message);
  }
  // On an audio RPC a boundary may have been on its way when the key was pressed.
  if (situation.purpose === 'start_of_dtmf' || (situation.keysAnnounced && isReply(response))) {
    report('ANSWER_TO_START_OF_DTMF', 'START_OF_DTMF was answered; only complete the RPC, the digits come in another.');
  }
}

function checkInput(response: AgentResponse, report: Report): void {
  if (isTerminal(response)) {
    if (response.mode !== undefined) {
      report('TERMINAL_WITH_INPUT_MODE', 'A transfer or an end names an input mode; leave it out, no input follows.');
    }
    if (response.config !== undefined) {
      report('TERMINAL_WITH_INPUT_CONFIG', 'A transfer or an end has an input handling config; leave it out.');
    }
    return;
  }
  if (response.mode === undefined) {
    report('REPLY_WITHOUT_INPUT_MODE', 'A FINAL reply has no input mode; say how the next input is to be taken.');
  }
  if (response.config !== undefined) return;
  if (response.events.length > 0 && response.prompts.length === 0) {
    report('EVENT_WITHOUT_INPUT_CONFIG', 'An event has no input handling config; send it, unless the call ends.');
    return;
  }
  report('REPLY_WITHOUT_INPUT_CONFIG', 'A FINAL reply has no input handling config; send it with every reply.');
}

/** Makes the checker of one call. */
export function createCallChecker(options: { readonly allowPartialResponses: boolean }): CallChecker {
  // The rule binds the replies to speech: Cisco's own servers welcome with WAV, and answer digits so, whatever those use.
  let spokenStyle: 'wav' | 'chunk' | undefined;
  let style: 'wav' | 'chunk' | undefined;

  return {
    forRpc() {
      let chunks = 0;
      let finals = 0;
      let starts = 0;
      let ends = 0;

      const checkBoundary = (response: AgentResponse, report: Report): void => {
        if (response.prompts.length > 0) {
          report(
            'BOUNDARY_NOT_ALONE',
            'START_OF_INPUT or END_OF_INPUT came with a prompt; send it in a response alone.',
          );
        }
        if (eventOf(response)?.event === 'start_of_input') {
          starts += 1;
          if (starts > 1) report('BOUNDARY_OUT_OF_ORDER', 'START_OF_INPUT was sent twice in one RPC.');
          return;
        }
        ends += 1;
        if (ends > 1) report('BOUNDARY_OUT_OF_ORDER', 'END_OF_INPUT was sent twice in one RPC.');
        if (starts === 0) report('BOUNDARY_OUT_OF_ORDER', 'END_OF_INPUT was sent without START_OF_INPUT.');
      };

      const checkStyle = (found: 'wav' | 'chunk', situation: RpcSituation, report: Report): void => {
        if (situation.purpose === 'session_start') return;
        const spoken = situation.purpose === 'audio';
        const other = found === 'wav' ? 'chunk' : 'wav';
        const message = `${found.toUpperCase()} audio came after ${other.toUpperCase()} audio; keep to one style in a call.`;
        if (spoken && spokenStyle === other) report('AUDIO_STYLE_CHANGED', message);
        else if (style === other) report('AUDIO_STYLE_DIFFERS', message);
        if (spoken) spokenStyle ??= found;
        style ??= found;
      };

      const checkFinal = (response: AgentResponse, situation: RpcSituation, report: Report): void => {
        finals += 1;
        if (finals > 1) {
          const code = situation.purpose === 'audio' ? 'SECOND_FINAL' : 'SEVERAL_FINALS';
          report(code, 'A second FINAL reply came in one RPC; put every prompt into the first.');
        }
        if (chunks > 0 && response.prompts.length === 0) {
          report('FINAL_WITHOUT_PROMPT', 'The FINAL after CHUNKs has no prompt; add one with empty audio.');
        }
        if (chunks > 0 && hasAudio(response)) {
          report('AUDIO_IN_FINAL_AFTER_CHUNKS', 'The FINAL after CHUNKs has audio; send that as a CHUNK before it.');
        }
        if (chunks === 0 && hasAudio(response)) checkStyle('wav', situation, report);
        if (finals === 1 && !situation.superseded) checkInput(response, report);
      };

      const checkReply = (response: AgentResponse, situation: RpcSituation, report: Report): void => {
        if (response.type === 'final') {
          checkFinal(response, situation, report);
        } else if (finals > 0) {
          report(
            'MESSAGE_AFTER_FINAL',
            `A ${response.type.toUpperCase()} came after the FINAL reply; the RPC is over.`,
          );
        } else if (response.type === 'chunk') {
          chunks += 1;
          if (chunks === 1) checkStyle('chunk', situation, report);
        } else if (!options.allowPartialResponses) {
          report('PARTIAL_NOT_ALLOWED', 'A PARTIAL came although the request did not allow partial responses.');
        }
        const mute = response.prompts.some(({ audio, text, uri }) => audio.length === 0 && (text !== '' || uri !== ''));
        if (mute && chunks === 0) {
          report('TEXT_ONLY_PROMPT', 'A prompt has text or a URI and no audio; always give the audio itself.');
        }
      };

      return {
        check(response, situation) {
          const findings: ResponseFinding[] = [];
          const report: Report = (code, message) => findings.push({ code, message });
          checkSilentRpc(response, situation, report);
          if (findings.length > 0) return findings;
          if (response.events.length > 1) {
            report('MULTIPLE_EVENTS', `A response has ${response.events.length} events; only the first one is read.`);
          }
          if (isBoundary(response)) checkBoundary(response, report);
          if (isReply(response)) checkReply(response, situation, report);
          return findings;
        },
      };
    },
  };
}
