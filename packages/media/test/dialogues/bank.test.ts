// One dialogue, written in three ways, called by the simulator over real sockets in both audio modes: every caller hears the
// same, and the flow is given the same.
import type { MediaServer } from '@byova/media';
import { assertCallPassed, type CallReport, type CallStep, placeCall } from '@byova/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BankOptions } from './bank.ts';
import * as perEvent from './bank-per-event.ts';
import * as reducer from './bank-reducer.ts';
import * as topToBottom from './bank-top-to-bottom.ts';
import { type Line, linesOf } from './bank-voice.ts';

/** The caller listens to the end, then presses keys. */
const press = (keys: string): readonly CallStep[] => [{ waitForPrompt: {} }, { press: keys }];

interface Case {
  readonly title: string;
  readonly script: readonly CallStep[];
  readonly lines: readonly Line[];
  /** How many of the prompts a key cut short. */
  readonly cuts?: number;
  readonly ends: Partial<NonNullable<CallReport['terminal']>> | undefined;
}

const CASES: readonly Case[] = [
  {
    title: 'a caller who knows it all hears the balance and is handed over with what is known of him',
    script: [...press('123456#'), ...press('4321'), ...press('1'), ...press('2'), { expect: 'transfer' }],
    lines: ['account', 'pin', 'menu', 'balance', 'menu', 'connecting'],
    ends: {
      event: 'transfer',
      name: 'transfer_requested',
      metadata: { reason: 'asked', account_ends_in: '56', authenticated: true },
    },
  },
  {
    title: 'zeros and the full length are digits as any others',
    script: [...press('00420042'), ...press('0007#'), ...press('2'), { expect: 'transfer' }],
    lines: ['account', 'pin', 'menu', 'connecting'],
    ends: { event: 'transfer', metadata: { reason: 'asked', account_ends_in: '42', authenticated: true } },
  },
  {
    title: 'a wrong PIN can be put right',
    script: [...press('123456#'), ...press('1111'), ...press('4321'), ...press('2'), { expect: 'transfer' }],
    lines: ['account', 'pin', 'pin-wrong', 'menu', 'connecting'],
    ends: { event: 'transfer', metadata: { reason: 'asked', account_ends_in: '56', authenticated: true } },
  },
  {
    title: 'three wrong PINs lead to a person, who is told',
    script: [...press('123456#'), ...press('1111'), ...press('22#'), ...press('3333'), { expect: 'transfer' }],
    lines: ['account', 'pin', 'pin-wrong', 'pin-wrong', 'connecting'],
    ends: { event: 'transfer', metadata: { reason: 'pin', account_ends_in: '56', authenticated: false } },
  },
  {
    title: 'an account that does not exist is asked for again, and in the end the call ends',
    script: [...press('999999#'), ...press('12*#'), ...press('654321#'), { expect: 'end' }],
    lines: ['account', 'account-unknown', 'account-unknown', 'goodbye'],
    ends: { event: 'end', name: 'invalid' },
  },
  {
    title: 'a caller who says nothing is asked once more, and then let go',
    script: [{ expect: 'end', withinMs: 60_000 }],
    lines: ['account', 'account-again', 'goodbye'],
    ends: { event: 'end', name: 'no_input' },
  },
  {
    title: 'a caller who hesitates is asked once more in each step',
    script: [
      { wait: 8000 },
      ...press('123456#'),
      { wait: 8000 },
      ...press('4321'),
      { waitForPrompt: {} },
      { wait: 8000 },
      ...press('2'),
      { expect: 'transfer' },
    ],
    lines: ['account', 'account-again', 'pin', 'pin-again', 'menu', 'menu-again', 'connecting'],
    ends: { event: 'transfer' },
  },
  {
    title: 'a caller who hangs up in the middle is gone',
    script: [...press('123456#'), { waitForPrompt: {} }, { hangUp: true }],
    lines: ['account', 'pin'],
    ends: undefined,
  },
  {
    title: 'a caller who knows the way presses over the prompts',
    script: [
      { expect: 'prompt' },
      { wait: 200 },
      { press: '123456#' },
      { expect: 'prompt' },
      { press: '4321' },
      { expect: 'prompt' },
      { wait: 200 },
      { press: '2' },
      { expect: 'transfer' },
    ],
    lines: ['account', 'pin', 'menu', 'connecting'],
    cuts: 3,
    ends: { event: 'transfer' },
  },
];

const STYLES: readonly [string, { createBank(options: BankOptions): unknown }][] = [
  ['top to bottom', topToBottom],
  ['with one handler per event', perEvent],
  ['as a reducer', reducer],
];

describe.each(STYLES)('the bank, written %s', (_style, { createBank }) => {
  describe.each(['chunk', 'wav'] as const)('in %s mode', (audioMode) => {
    const failures: string[] = [];
    const ended: string[] = [];
    let server: MediaServer;
    let target = '';
    beforeAll(async () => {
      // A server of any state is one to be called.
      server = createBank({ audioMode, verify: { enforce: false }, pathDelayMs: 0 }) as MediaServer;
      server.on('error', ({ event }) => void failures.push(event.error.message));
      server.on('session_end', ({ event }) => void ended.push(event.reason));
      const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
      target = `http://127.0.0.1:${port}`;
    });
    afterAll(() => server.close({ graceMs: 0 }));

    it.each(CASES)('$title', async ({ script, lines, cuts = 0, ends }) => {
      ended.length = 0;
      const report = await placeCall({ target, organization: 'o1', pace: 'fast', script });
      assertCallPassed(report);
      expect(linesOf(report)).toEqual(lines);
      expect(report.prompts.filter(({ cutBy }) => cutBy === 'key')).toHaveLength(cuts);
      if (ends === undefined) expect(report.terminal).toBeUndefined();
      else expect(report.terminal).toMatchObject(ends);
      expect(ended).toEqual([ends === undefined ? 'caller_hangup' : ends.event === 'end' ? 'ended' : 'transferred']);
      expect(failures).toEqual([]);
      expect(server.stats.sessions).toBe(0);
    });
  });
});
