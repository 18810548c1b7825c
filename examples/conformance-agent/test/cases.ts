// The conformance cases as data, and the function that runs a test for one of them. A test of this folder cites its case
// by id; coverage.test.ts sees to it that none is left out.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type AgentProcess, type AudioMode, startAgent } from './harness/agent-process.ts';
import { type Client, connect } from './harness/client.ts';

export const CASES = {
  C1: 'SESSION_START, half-close: a welcome, then OK',
  C2: 'SESSION_START without half-close: the same',
  C3: 'a spoken turn, answered in WAV',
  C4: 'a spoken turn, answered in chunks',
  C5: 'frames that do not say how they are coded',
  C6: 'A-law and 16-bit PCM at 16 kHz',
  C7: 'START_OF_DTMF: completion alone',
  C8: 'digits, with the terminator split off',
  C9: 'no digits',
  C10: 'silence, then START_OF_DTMF on the same RPC',
  C11: 'two RPCs overlap, and the caller interrupts',
  C12: 'a call whose start this process did not see',
  C13: 'silence only',
  C14: 'speech, then half-close at once',
  C15: 'NO_INPUT',
  C16: 'a custom event, both ways',
  C17: 'the caller hangs up',
  C18: 'transfer and end, without half-close',
  C19: 'the client cancels in the middle of a reply',
  C20: 'unknown, empty, changing and missing ids',
  C21: 'tokens: bad ones are refused before anything is read, good ones pass',
  C22: 'the list of agents',
  C23: 'health, and draining',
  C24: 'messages without content',
  C25: 'two ends race',
  C26: 'odd pieces of audio become legal chunks',
  C27: 'a handler that throws, and one that hangs',
  C28: '200 calls at once on one connection',
} as const;

export type CaseId = keyof typeof CASES;

/** What a test of a case is given. */
export interface CaseContext {
  readonly agent: AgentProcess;
  readonly client: Client;
  readonly mode: AudioMode;
  /** A conversation id of its own. */
  readonly id: string;
}

type Register = (id: CaseId, modes: readonly AudioMode[], run: (context: CaseContext) => Promise<void>) => void;

let conversations = 0;

/** Starts the agent in each mode, and runs the cases that `register` names. */
export function cases(register: (caseIt: Register) => void): void {
  describe.each<AudioMode>(['wav', 'chunk'])('%s', (mode) => {
    let agent: AgentProcess;
    let client: Client;
    beforeAll(async () => {
      agent = await startAgent(mode);
      client = connect(agent.port);
    });
    afterAll(async () => {
      client.close();
      await agent.stop();
    });
    register((id, modes, run) => {
      if (!modes.includes(mode)) return;
      it(`${id} ${CASES[id]}`, () => {
        conversations += 1;
        return run({ agent, client, mode, id: `${id}-${mode}-${conversations}` });
      });
    });
  });
}

export const BOTH: readonly AudioMode[] = ['wav', 'chunk'];
