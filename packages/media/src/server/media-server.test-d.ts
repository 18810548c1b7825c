// The public types: what must not compile comes first, each marked with the error that it must give.
import { expectTypeOf, it } from 'vitest';
import {
  type Conversation,
  type DtmfDigit,
  MediaServer,
  MemorySessionStore,
  type PlayResult,
  prompt,
  type Session,
  type SessionStore,
  type Turn,
  type Utterance,
} from '../index.ts';

const agents = [{ id: 'demo', name: 'Demo' }];

it('refuses what is wrong', () => {
  const server = new MediaServer({ agents });
  // @ts-expect-error an event that does not exist
  server.on('sesion_start', () => {});
  // @ts-expect-error no agents
  new MediaServer({});
  // @ts-expect-error a misspelt option
  new MediaServer({ agents, audiomode: 'wav' });
  // @ts-expect-error no such mode
  new MediaServer({ agents, audioMode: 'mp3' });
  // @ts-expect-error a merge gives a state
  new MediaServer({ agents, state: () => ({ n: 0 }), mergeState: () => ({ m: 0 }) });
  // @ts-expect-error the end of a call has no turn
  server.on('session_end', ({ turn }) => turn);
  // @ts-expect-error nor has the closing of the server a session
  server.on('draining', ({ session }) => session);

  server.on('session_start', async ({ session }) => {
    const pin = await session.collectDigits({ max: 4 });
    // @ts-expect-error digits only exist once the status is known
    pin.digits;
    // @ts-expect-error the length is needed
    await session.collectDigits({ prompt: prompt.silence(10) });
    const choice = await session.menu({ choices: { '1': 'billing', '2': 'support' } });
    // @ts-expect-error not one of the choices
    if (choice.status === 'ok') choice.choice === 'sales';
    // @ts-expect-error the recognizer must give one of the choices
    await session.menu({ choices: { '1': 'billing' }, recognize: () => 'support' });
    // @ts-expect-error not a key
    await session.confirm({ yes: 'x' });
    // @ts-expect-error text cannot be played: there is no voice here
    await session.play('hello');
  });
});

it('narrows results', () => {
  new MediaServer({ agents, state: () => ({ attempts: 0 }) }).on('session_start', async ({ session, turn, signal }) => {
    expectTypeOf(session).toEqualTypeOf<Session<{ attempts: number }>>();
    expectTypeOf(session.state.attempts).toBeNumber();
    expectTypeOf(turn).toEqualTypeOf<Turn>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    const choice = await session.menu({ choices: { '1': 'billing', '2': 'support' } });
    if (choice.status === 'ok') expectTypeOf(choice.choice).toEqualTypeOf<'billing' | 'support'>();
    const heard = await session.listen();
    if (heard.status === 'speech') expectTypeOf(heard.utterance).toEqualTypeOf<Utterance>();
    if (heard.status === 'dtmf') expectTypeOf(heard.digits).toBeString();
    const played = await session.play(async function* ({ signal: stop }) {
      expectTypeOf(stop).toEqualTypeOf<AbortSignal>();
      yield new Uint8Array(1);
    });
    expectTypeOf(played).toEqualTypeOf<PlayResult>();
    if (played.status === 'interrupted') expectTypeOf(played.heardMs).toBeNumber();
  });
});

it('gives a merge the states of the option', () => {
  const store = new MemorySessionStore();
  const server = new MediaServer({
    agents,
    store,
    state: () => ({ n: 0 }),
    mergeState({ mine, theirs, base }) {
      expectTypeOf(mine).toEqualTypeOf<{ n: number }>();
      return { n: mine.n + theirs.n - base.n };
    },
  });
  expectTypeOf(server).toEqualTypeOf<MediaServer<{ n: number }>>();
  expectTypeOf(store).toExtend<SessionStore>();
});

it('gives each event its own', () => {
  const server = new MediaServer({ agents });
  server.on('dtmf_input', ({ event }) => {
    expectTypeOf(event.digits).toBeString();
    expectTypeOf(event.raw).toEqualTypeOf<readonly DtmfDigit[]>();
  });
  server.on('utterance', ({ event }) => expectTypeOf(event.utterance).toEqualTypeOf<Utterance>());
  server.on('conversation_audio', ({ conversation, signal }) => {
    expectTypeOf(conversation).toEqualTypeOf<Conversation>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    conversation.onAudio(({ role, audio }) => {
      expectTypeOf(role).toEqualTypeOf<'caller' | 'agent' | 'unknown'>();
      expectTypeOf(audio).toEqualTypeOf<Uint8Array>();
    });
    // @ts-expect-error nobody has this role
    conversation.leg('supervisor');
  });
  server.on('session_end', ({ event, session }) => {
    expectTypeOf(event.reason).not.toBeAny();
    expectTypeOf(session.state).toEqualTypeOf<undefined>();
  });
});
