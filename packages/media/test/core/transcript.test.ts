// What a call leaves in writing: the transcript, which goes out with the last response and keeps nothing that is sensitive,
// and what a hand-over tells the flow.
import { prompt, type Session, type TransferOptions } from '@byova/media';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTranscript } from '../../src/session/transcript.ts';
import { createTestCore } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

const A = prompt.silence(200);

describe('the transcript', () => {
  it('goes out with the last response, and with no other', async () => {
    const core = createTestCore();
    core.on('session_start', async ({ session, turn }) => {
      session.transcript.add({ role: 'agent', text: 'How can I help?' });
      await session.listen({ prompt: A });
      turn.transcript.add({ role: 'caller', text: 'A person,\nplease.\tagent: no', atMs: 7 });
      await session.transfer();
    });
    const first = core.say('session_start');
    await settle();
    const rpc = core.rpc();
    await core.speak(rpc);
    expect(rpc.kinds.at(-1)).toBe('final:transfer_to_agent');
    expect(rpc.responses.at(-1)?.transcript).toBe('agent: How can I help?\ncaller: A person, please. agent: no');
    const others = [...first.responses, ...rpc.responses.slice(0, -1)];
    expect(others.filter(({ transcript }) => transcript !== undefined)).toEqual([]);
  });

  it('has what was added while the last prompt played', async () => {
    const core = createTestCore({ audioMode: 'chunk' });
    let session: Session<unknown> | undefined;
    core.on('session_start', (context) => {
      session = context.session;
      return context.session.end({ prompt: prompt.silence(3000) });
    });
    const rpc = core.say('session_start');
    await settle();
    session?.transcript.add({ role: 'agent', text: 'Goodbye.' });
    await core.clock.advance(4000);
    expect(rpc.responses.at(-1)).toMatchObject({ event: { type: 'session_end' }, transcript: 'agent: Goodbye.' });
  });

  it.each([
    ['another text', 'as I say', 'as I say'],
    ['none', '', undefined],
  ])('can be overridden: %s', async (_name, transcript, sent) => {
    const core = createTestCore();
    core.on('session_start', ({ session }) => {
      session.transcript.add({ role: 'agent', text: 'Hello.' });
      return session.end({ transcript });
    });
    const rpc = core.say('session_start');
    await settle();
    expect(rpc.responses.at(-1)?.transcript).toBe(sent);
  });

  it('goes with a hand-over that the server makes', async () => {
    const core = createTestCore();
    core.on('session_start', ({ session }) => {
      session.transcript.add({ role: 'agent', text: 'Hello.' });
      throw new Error('broken');
    });
    const rpc = core.say('session_start');
    await settle();
    await core.clock.advance(1000);
    expect(rpc.responses.at(-1)).toMatchObject({ event: { type: 'transfer_to_agent' }, transcript: 'agent: Hello.' });
  });

  it('can be read when the caller has hung up', async () => {
    const core = createTestCore();
    let text = '';
    core.on('session_start', ({ session }) => {
      session.transcript.add({ role: 'agent', text: 'Hello?' });
      return session.play(A);
    });
    core.on('session_end', ({ session }) => {
      text = session.transcript.text;
    });
    core.say('session_start');
    await settle();
    const rpc = core.say('session_end');
    await settle();
    expect(rpc.responses).toEqual([]);
    expect(text).toBe('agent: Hello?');
  });

  it('keeps no text while the input is sensitive, from the question to the next reply', async () => {
    const core = createTestCore({ audioMode: 'wav' });
    core.on('session_start', async ({ session }) => {
      const { transcript } = session;
      transcript.add({ role: 'agent', text: 'Your PIN, please.' });
      const asked = session.collectDigits({ prompt: A, max: 4, sensitive: true });
      transcript.add({ role: 'caller', text: 'it is 4711' });
      const answer = await asked;
      transcript.add({ role: 'agent', text: `I have ${answer.status === 'ok' ? answer.digits : ''}.` });
      await session.listen({ prompt: A });
      transcript.add({ role: 'caller', text: 'That is right.' });
      await session.transfer();
    });
    core.say('session_start');
    await settle();
    core.press('4711');
    await settle();
    const rpc = core.rpc();
    await core.speak(rpc);
    expect(rpc.responses.at(-1)?.transcript).toBe(
      'agent: Your PIN, please.\ncaller: [sensitive]\nagent: [sensitive]\ncaller: That is right.',
    );
  });

  it('refuses what is no text, and says nothing of it', () => {
    const transcript = createTranscript({ maxEntries: 5, maxBytes: 1024, now: () => 0, isSensitive: () => false });
    const bad = [{ role: 'bot', text: '4711' }, { role: 'caller' }, { role: 'caller', text: '4711', atMs: Number.NaN }];
    for (const addition of bad) {
      expect(() => transcript.add(addition as never)).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.not.stringContaining('4711') }),
      );
    }
    transcript.add({ role: 'caller', text: ' \n' });
    expect(transcript.entries).toEqual([]);
  });

  it('stays within its bounds, drops the oldest and says how many', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 1500 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (texts, maxEntries) => {
          const maxBytes = 1024;
          const transcript = createTranscript({ maxEntries, maxBytes, now: () => 3, isSensitive: () => false });
          for (const text of texts) transcript.add({ role: 'caller', text });
          const spoken = texts.filter((text) => text.replace(/[\s\p{Cc}]+/gu, '') !== '');
          const { entries, dropped, text } = transcript;
          expect(entries.length + dropped).toBe(spoken.length);
          expect(entries.length).toBeLessThanOrEqual(maxEntries);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
          expect(text.split('\n').filter((line) => line !== '')).toHaveLength(entries.length + (dropped > 0 ? 1 : 0));
          if (dropped > 0) expect(text).toMatch(new RegExp(`^\\[${dropped} earlier entries left out\\]`));
          // The last one is always there, cut if need be, and never in the middle of a character.
          if (spoken.length > 0) expect(entries.length).toBeGreaterThan(0);
          if (spoken.every((one) => one.isWellFormed() && !one.includes('\ufffd')))
            expect(text).not.toContain('\ufffd');
        },
      ),
    );
  });
});

describe('a hand-over', () => {
  const handOver = async (options: TransferOptions) => {
    const core = createTestCore();
    let error: unknown;
    core.on('session_start', async ({ session }) => {
      await session.transfer(options).catch((thrown: unknown) => {
        error = thrown;
      });
      if (error !== undefined) await session.end();
    });
    const rpc = core.say('session_start');
    await settle();
    return { last: rpc.responses.at(-1), error };
  };

  it.each<[string, TransferOptions, object | undefined]>([
    ['nothing', {}, undefined],
    ['a summary', { summary: 'A bill' }, { summary: 'A bill' }],
    ['a summary of its own', { summary: 'A bill', metadata: { summary: 'Mine' } }, { summary: 'Mine' }],
    ['a hint', { routingHint: 'billing_2-b' }, { routing_hint: 'billing_2-b' }],
    [
      'both, and more',
      { summary: 'A', routingHint: 'b', metadata: { n: 1 } },
      { summary: 'A', routing_hint: 'b', n: 1 },
    ],
  ])('tells the flow: %s', async (_name, options, metadata) => {
    const { last } = await handOver(options);
    expect(last?.event).toEqual({ type: 'transfer_to_agent', name: 'transfer_requested', metadata });
    expect(last?.summary).toBe(options.summary);
  });

  it.each(['', '2nd', 'a b', 'é', 'a'.repeat(65), 'a\n'])(
    'refuses the hint %j, and the call goes on',
    async (routingHint) => {
      const { last, error } = await handOver({ routingHint });
      expect(error).toMatchObject({ code: 'OPTIONS_INVALID', message: expect.stringContaining('routingHint') });
      expect(last?.event?.type).toBe('session_end');
    },
  );
});
