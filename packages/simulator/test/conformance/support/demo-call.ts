// The demo agent of the conformance cases, written without the SDK: what it does with each RPC. It keeps the contract
// unless it is told not to.
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import {
  type EventInput,
  EventInput_EventType as Input,
} from '../../../src/gen/com/cisco/wcc/ccai/media/v1/byova_common.ts';
import type {
  VoiceVARequest,
  VoiceVAResponse,
} from '../../../src/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';
import { digitKey } from '../../../src/wire/digits.ts';
import { EventType, endOfChunks, event, final, prompt, tone } from '../../support/messages.ts';
import type { Broken } from './defects.ts';
import { chunkOf, cut, INPUT, reply } from './demo-audio.ts';
import { createEar } from './ear.ts';

export type TurnStream = ServerDuplexStream<VoiceVARequest, VoiceVAResponse>;

/** The agents of the server. */
export const AGENTS: readonly string[] = ['demo', 'long-welcome', 'slow-stream', 'odd-chunks', 'throws'];

const SECRET = 'secret detail of the inside';
const ODD = Buffer.concat([Buffer.alloc(40, 0x11), Buffer.alloc(70_000, 0x22), Buffer.alloc(60, 0x33)]);

interface Call {
  readonly agentId: string;
  over: boolean;
  dead: boolean;
  rpcs: number;
  /** Stops what is being played. */
  interrupt?: (() => void) | undefined;
}

/** Holds the calls of one server. */
export interface DemoCalls {
  serve(stream: TurnStream): void;
}

/** Makes the demo agent. */
export function createDemoCalls(mode: 'wav' | 'chunk', organization: string | undefined, broken: Broken): DemoCalls {
  const calls = new Map<string, Call>();
  let speakers = 0;

  const serve = (stream: TurnStream): void => {
    const ear = createEar(broken);
    let id: string | undefined;
    let call: Call | undefined;
    let content = false;
    let done = false;
    let waiting = false;
    /** How many callers spoke when this one began; 0 while it is silent. */
    let crowd = 0;

    const send = (...responses: VoiceVAResponse[]): void => {
      if (!done) for (const response of responses) stream.write(response);
    };
    const complete = (): void => {
      if (done || broken('never_completes')) return;
      done = true;
      if (call !== undefined) call.rpcs -= 1;
      stream.end();
    };
    const fail = (code: number, details: string): void => {
      if (done) return;
      done = true;
      stream.emit('error', { code, details });
    };
    const say = (samples: Int16Array): void => {
      send(...reply(mode, samples, broken));
      complete();
    };
    /** Streams seconds of audio until it has said all or is interrupted. */
    const sayLong = (count: number, everyMs: number): void => {
      let left = count;
      const finish = (): void => {
        clearInterval(timer);
        if (call !== undefined) call.interrupt = undefined;
        send(endOfChunks(INPUT));
        complete();
      };
      const timer = setInterval(() => {
        if (done || left === 0) finish();
        else send(chunkOf(Buffer.alloc(8000, 0x20 + left)));
        left -= 1;
      }, everyMs);
      if (call !== undefined) call.interrupt = finish;
    };

    const greet = (): void => {
      waiting = false;
      if (broken('no_welcome')) complete();
      else if (call?.agentId === 'long-welcome') sayLong(8, 200);
      else if (call?.agentId === 'odd-chunks') {
        const pieces = broken('short_chunks')
          ? [chunkOf(ODD.subarray(0, 40)), ...cut(ODD.subarray(40))]
          : cut(
              broken('loses_bytes')
                ? Buffer.concat([ODD.subarray(0, 50_000), ODD.subarray(50_001), Buffer.alloc(1, 0xff)])
                : ODD,
            );
        send(...pieces, endOfChunks(INPUT));
        complete();
      } else say(tone(500));
    };

    const onEvent = (input: EventInput) => {
      if (input.eventType === Input.SESSION_START) {
        waiting = broken('waits_for_half_close');
        if (!waiting) greet();
      }
      if (input.eventType === Input.SESSION_END) {
        if (call?.over === true && broken('error_after_end')) return fail(status.FAILED_PRECONDITION, 'over');
        calls.delete(id ?? '');
        if (broken('prompt_for_session_end')) send(...reply('wav', tone(200), broken));
        complete();
      }
      if (input.eventType === Input.START_OF_DTMF) {
        if (broken('answers_first_key')) say(tone(100));
        else complete();
      }
      if (input.eventType === Input.NO_INPUT) {
        if (broken('no_answer_to_no_input')) complete();
        else say(tone(300));
      }
      if (input.eventType === Input.CUSTOM_EVENT) {
        const given = input.parameters ?? {};
        const strings = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
        const metadata = broken('metadata_as_strings') ? strings : given;
        const answer = event(EventType.CUSTOM_EVENT, { name: `ack:${input.name}`, metadata });
        const { inputMode, inputHandlingConfig } = final([], INPUT);
        send({ ...answer, inputMode, inputHandlingConfig });
        complete();
      }
    };

    const onDigits = (keys: string) => {
      if (keys === '' && broken('error_without_digits')) return fail(status.INVALID_ARGUMENT, 'no digits');
      if (call?.agentId === 'throws' && broken('shows_the_error')) return fail(status.INTERNAL, `Error: ${SECRET}`);
      const digits = broken('reads_terminator') ? keys : keys.replace(/#$/, '');
      const type = { '5': EventType.TRANSFER_TO_AGENT, '6': EventType.SESSION_END }[digits];
      if (type === undefined) return say(tone(300 + 400 * digits.length));
      if (call !== undefined) call.over = !broken('hears_after_end');
      const { inputMode } = final([], INPUT);
      send({ ...event(type, { name: 'menu' }), ...(broken('terminal_with_mode') ? { inputMode } : {}) });
      complete();
    };

    const hush = (): void => {
      if (crowd > 0) speakers -= 1;
      crowd = 0;
    };
    const answerUtterance = () => {
      const crowded = crowd > 3;
      hush();
      if (broken('fails_under_load') && crowded) return fail(status.RESOURCE_EXHAUSTED, 'too many calls');
      if (call?.agentId === 'slow-stream') {
        // Nothing of the call works any more once its reply has been broken off: the client may be there before its reset.
        call.dead = broken('dead_after_cancel');
        sayLong(15, 200);
      }
      if (call?.agentId !== 'slow-stream') say(ear.utterance);
    };

    stream.on('data', (request: VoiceVARequest) => {
      if (done) return;
      const { conversationId, virtualAgentId, voiceVaInputType: input } = request;
      if (conversationId === '' && !broken('any_conversation')) return fail(status.INVALID_ARGUMENT, 'no conversation');
      if (id !== undefined && id !== conversationId && !broken('any_conversation')) {
        return fail(status.INVALID_ARGUMENT, 'another conversation');
      }
      if (!AGENTS.includes(virtualAgentId) && virtualAgentId !== '' && !broken('any_agent')) {
        return fail(status.NOT_FOUND, 'no such agent');
      }
      const isStart = input?.$case === 'eventInput' && input.eventInput.eventType === Input.SESSION_START;
      const stranger = organization !== undefined && request.customerOrgId !== organization;
      if (stranger && !broken('any_organization')) return fail(status.PERMISSION_DENIED, 'another organization');
      if (id === undefined) {
        id = conversationId;
        const known = calls.get(id);
        if (known === undefined && !isStart && broken('needs_session_start'))
          return fail(status.NOT_FOUND, 'no session');
        const fresh = { agentId: virtualAgentId === '' ? 'demo' : virtualAgentId, over: false, dead: false, rpcs: 0 };
        call = known === undefined || (isStart && known.over) ? fresh : known;
        calls.set(id, call);
        call.rpcs += 1;
        if (call.rpcs > 1 && broken('one_rpc_per_call')) return fail(status.ALREADY_EXISTS, 'one RPC at a time');
        if (call.dead) return fail(status.INTERNAL, 'the call is broken');
      }
      if (virtualAgentId !== '' && virtualAgentId !== call?.agentId && !broken('any_agent')) {
        return fail(status.INVALID_ARGUMENT, 'another agent');
      }
      if (input === undefined) return;
      content = true;
      if (input.$case === 'eventInput') onEvent(input.eventInput);
      if (input.$case === 'dtmfInput')
        onDigits(input.dtmfInput.dtmfEvents.map((code) => digitKey(code) ?? '?').join(''));
      if (input.$case !== 'audioInput' || call?.over === true) return;
      const heard = ear.hear(input.audioInput);
      if (heard === 'start') {
        speakers += 1;
        crowd = speakers;
        const prompts = broken('boundary_with_prompt') ? [prompt(new Uint8Array(200))] : [];
        if (!broken('plays_on')) call?.interrupt?.();
        send(event(EventType.START_OF_INPUT, { prompts }));
      }
      if (heard === 'end') {
        if (broken('end_with_reply')) {
          const [answer] = reply(mode, ear.utterance, broken);
          const { outputEvents } = event(EventType.END_OF_INPUT);
          if (answer !== undefined) send({ ...answer, outputEvents });
          return complete();
        }
        if (!broken('no_end')) send(event(EventType.END_OF_INPUT));
        answerUtterance();
      }
    });
    stream.on('end', () => {
      if (done) return;
      if (!content && !broken('takes_nothing_for_something')) return fail(status.INVALID_ARGUMENT, 'nothing was said');
      if (waiting) return greet();
      if (ear.speaking && !broken('drops_open_utterance')) answerUtterance();
      else if (broken('answers_silence')) say(tone(100));
      else if (call?.interrupt === undefined) complete();
    });
    stream.on('cancelled', () => {
      done = true;
      hush();
    });
  };

  return { serve };
}
