// How audio of odd sizes is cut into CHUNKs.
import type { ConformanceCase } from '../conformance-case.ts';
import { readReply } from '../expect/reply.ts';
import { mustBeOk } from '../expect/status.ts';
import { must } from '../probe/case-failure.ts';

/** The pieces that the agent hands over, in mu-law: how many bytes, of which value. */
const PIECES = [
  [40, 0x11],
  [70_000, 0x22],
  [60, 0x33],
] as const;
const SILENCE = 0xff;
const MAX_PADDING = 100;

export const STREAMING_CASES: readonly ConformanceCase[] = [
  {
    id: 'C26',
    kind: 'contract',
    source: 'audio',
    title: 'odd pieces of audio become legal chunks',
    sends: 'SESSION_START to the agent "odd-chunks", whose welcome is 40 bytes of 0x11, 70000 of 0x22 and 60 of 0x33',
    expects: 'CHUNKs of 100 to 65536 bytes which are these bytes in their order; silence may be added at the end',
    holdsFor: 'demo',
    modes: ['chunk'],
    agents: ['odd-chunks'],
    limitMs: 10_000,
    replies: 1,
    async run(probe) {
      const welcome = await probe.conversation({ agentId: 'odd-chunks' }).once({ event: 'session_start' });
      mustBeOk(welcome, 'SESSION_START');
      readReply(probe, welcome.received, { purpose: 'session_start' });
      const chunks = welcome.received.filter(({ kind }) => kind === 'CHUNK');
      const audio = Buffer.concat(chunks.flatMap(({ response }) => response.prompts.map((prompt) => prompt.audio)));
      const due = Buffer.concat(PIECES.map(([length, value]) => Buffer.alloc(length, value)));
      const found = `${audio.length} bytes in ${chunks.length} CHUNKs`;
      must(audio.length >= due.length, `${due.length} bytes are due; there are ${found}.`);
      const wrong = due.findIndex((byte, index) => byte !== audio[index]);
      must(wrong === -1, `Byte ${wrong} of the audio is not the one that the agent gave (${found}).`);
      const rest = audio.subarray(due.length);
      const padding = rest.length < MAX_PADDING && rest.every((byte) => byte === SILENCE);
      must(padding, `Behind the ${due.length} bytes there may be silence only, less than ${MAX_PADDING} (${found}).`);
    },
  },
];
