// An agent that keeps the contract: welcomes, finds speech by loudness, answers turns as a test says, completes at once.
import { decodeMulaw } from '../../src/audio/g711.ts';
import {
  type EventInput,
  EventInput_EventType as Input,
} from '../../src/gen/com/cisco/wcc/ccai/media/v1/byova_common.ts';
import type { VoiceVARequest, VoiceVAResponse } from '../../src/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';
import { digitKey } from '../../src/wire/digits.ts';
import type { AgentBehaviour, AgentRpc } from './fake-agent.ts';
import { EventType, event, final, wav } from './messages.ts';

/** Answers an RPC: what is sent before it is completed, or `'later'` when the answer does everything itself. */
type Answer = readonly VoiceVAResponse[] | 'later';

/** What the agent says. */
export interface Politeness {
  readonly welcome?: (rpc: AgentRpc, input: EventInput) => Answer;
  readonly onDigits?: (digits: string, rpc: AgentRpc) => Answer;
  readonly onUtterance?: (rpc: AgentRpc) => Answer;
  readonly onNoInput?: (rpc: AgentRpc) => Answer;
  readonly onCustomEvent?: (input: EventInput, rpc: AgentRpc) => Answer;
  readonly onSessionEnd?: (rpc: AgentRpc) => Answer;
  /** Quiet frames after which an utterance is over. */
  readonly quietFrames?: number;
  /** Hears no speech. */
  readonly deaf?: boolean;
}

const LOUD = 1000;
const LOUD_FRAMES = 5;
const QUIET_FRAMES = 30;

function answer(rpc: AgentRpc, what: Answer): void {
  if (what === 'later') return;
  rpc.send(...what);
  rpc.complete();
}

interface Ear {
  loud: number;
  quiet: number;
  started: boolean;
  ended: boolean;
}

/** Makes the behaviour of an agent. What it is not told to say is a tone of 300 ms. */
export function politeAgent(says: Politeness = {}): AgentBehaviour {
  const ears = new WeakMap<AgentRpc, Ear>();
  const plain = (): Answer => [final([wav(300)])];

  const hear = (rpc: AgentRpc, audio: Uint8Array): void => {
    const ear = ears.get(rpc) ?? { loud: 0, quiet: 0, started: false, ended: false };
    ears.set(rpc, ear);
    if (audio.length <= 15 || ear.ended || says.deaf === true) return;
    const loud = decodeMulaw(audio).some((sample) => Math.abs(sample) > LOUD);
    ear.loud = loud ? ear.loud + 1 : 0;
    ear.quiet = loud ? 0 : ear.quiet + 1;
    if (!ear.started && ear.loud >= LOUD_FRAMES) {
      ear.started = true;
      rpc.send(event(EventType.START_OF_INPUT));
    }
    if (ear.started && ear.quiet >= (says.quietFrames ?? QUIET_FRAMES)) {
      ear.ended = true;
      rpc.send(event(EventType.END_OF_INPUT));
      answer(rpc, (says.onUtterance ?? plain)(rpc));
    }
  };

  const onEvent = (rpc: AgentRpc, input: EventInput): void => {
    if (input.eventType === Input.SESSION_START) answer(rpc, (says.welcome ?? plain)(rpc, input));
    if (input.eventType === Input.NO_INPUT) answer(rpc, (says.onNoInput ?? plain)(rpc));
    if (input.eventType === Input.CUSTOM_EVENT) answer(rpc, (says.onCustomEvent ?? plain)(input, rpc));
    if (input.eventType === Input.START_OF_DTMF) rpc.complete();
    if (input.eventType === Input.SESSION_END) answer(rpc, says.onSessionEnd?.(rpc) ?? []);
  };

  return {
    onRequest(rpc, request) {
      const input = request.voiceVaInputType;
      if (input?.$case === 'audioInput') hear(rpc, input.audioInput.callerAudio);
      if (input?.$case === 'eventInput') onEvent(rpc, input.eventInput);
      if (input?.$case === 'dtmfInput') {
        const digits = input.dtmfInput.dtmfEvents.map((code) => digitKey(code) ?? '?').join('');
        answer(rpc, (says.onDigits ?? plain)(digits, rpc));
      }
    },
    onHalfClose(rpc) {
      // Nothing but completion is due on an RPC that has carried silence alone.
      const ear = ears.get(rpc);
      if (ear?.started !== true && kindsOf(rpc.requests).includes('audio')) rpc.complete();
    },
  };
}

/** The messages of an RPC in short: `audio`, `dtmf`, or the event's number. */
export function kindsOf(requests: readonly VoiceVARequest[]): readonly string[] {
  return requests.map(({ voiceVaInputType: input }) => {
    if (input?.$case === 'audioInput') return 'audio';
    return input?.$case === 'dtmfInput' ? 'dtmf' : `event ${input?.eventInput.eventType}`;
  });
}
