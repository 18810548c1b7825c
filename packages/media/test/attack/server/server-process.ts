// The server that is attacked, in a process of its own: `node --expose-gc --conditions=@byova/source server-process.ts`. It
// verifies tokens, listens in clear text and over TLS, and reports what escapes: exceptions, rejections, calls without a token.

import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type CallIdentity, MediaServer, prompt, type Session } from '@byova/media';
import type { FRAME_PATHS } from '../../support/frame-path.ts';
import {
  CONFIGURATION_VARIABLE,
  DATA_SOURCE_URL,
  FORK_SCHEMA,
  ORGANIZATION,
  OUTSIDER_CALL,
  PROBE_CALL,
  SECRET,
  type ServerConfiguration,
  type ServerFigures,
  type ServerMessage,
  VOICE_SCHEMA,
} from './facts.ts';

const { framePath, issuers, survives } = JSON.parse(
  process.env[CONFIGURATION_VARIABLE] ?? '{}',
) as ServerConfiguration & { readonly framePath: (typeof FRAME_PATHS)[number] };

function report(message: ServerMessage, sent?: () => void): void {
  process.send?.(message, undefined, undefined, sent);
}

for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(kind, (error: unknown) => {
    const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    report({ type: 'crash', kind, stack }, survives ? undefined : () => process.exit(70));
  });
}

const tone = prompt.tone({ frequencyHz: 440, durationMs: 100 });
const longTone = prompt.tone({ frequencyHz: 440, durationMs: 3000 });
const counts = { started: 0, ended: 0, forks: 0, refused: 0 };

/** Reports a call that was let in though it has no valid token. */
function check(what: string, id: string, organization: string, identity: CallIdentity | undefined): void {
  if (identity !== undefined && !id.startsWith(OUTSIDER_CALL) && organization === ORGANIZATION) return;
  report({ type: 'let_in', what, id, organization });
}

/** A choice that depends on the call alone, so that a sequence meets the same handler when it is repeated. */
function diceOf(id: string): number {
  if (id.startsWith(PROBE_CALL)) return 7;
  let hash = 0;
  for (let index = 0; index < id.length; index += 1) hash = (Math.imul(hash, 31) + id.charCodeAt(index)) >>> 0;
  return hash % 8;
}

/** Answers in one of the ways that agents do. */
async function answer(session: Session): Promise<void> {
  switch (diceOf(session.id)) {
    case 0:
      await session.end();
      return;
    case 1:
      await session.play(longTone, { bargeIn: false });
      return;
    case 2:
      await session.collectDigits({ max: 2, prompt: tone });
      return;
    case 3:
      throw new Error('a handler failed');
    case 4:
      session.emit(SECRET, {});
      await session.play(tone);
      return;
    case 5:
      return;
    default:
      await session.transfer({ metadata: { queue: SECRET } });
  }
}

function open(): MediaServer {
  const server = new MediaServer({
    agents({ organization }) {
      if (organization !== ORGANIZATION) report({ type: 'let_in', what: 'list', id: '', organization });
      return [{ id: 'demo', name: SECRET }];
    },
    framePath,
    verify: {
      dataSources: [
        { url: DATA_SOURCE_URL, schemaId: VOICE_SCHEMA },
        { url: DATA_SOURCE_URL, schemaId: FORK_SCHEMA },
      ],
      issuers,
    },
    errorPrompt: tone,
    // Made once for each call, which may both be resumed and start.
    state() {
      counts.started += 1;
      return undefined;
    },
    limits: {
      idleTimeoutMs: 500,
      turnTimeoutMs: 500,
      // What is only found when a client is looked for has to be found before the attack asks what is left.
      keepAliveMs: 1000,
      // Node 22 sends GOAWAY to a client that breaks the protocol, reads it no more, and does not close the connection.
      keepAliveTimeoutMs: 5000,
      maxSessions: 20_000,
      maxConversations: 20_000,
    },
  });
  server.on('session_start', ({ session }) => {
    check('session', session.id, session.organization, session.identity);
    return answer(session);
  });
  server.on('session_resumed', ({ session }) => {
    check('session', session.id, session.organization, session.identity);
  });
  server.on('session_end', () => {
    counts.ended += 1;
  });
  server.on('dtmf_input', ({ session }) => answer(session));
  server.on('custom_event', ({ session }) => answer(session));
  server.on('utterance', ({ session }) => answer(session));
  server.on('call_refused', () => {
    counts.refused += 1;
  });
  server.on('conversation_audio', async ({ conversation }) => {
    counts.forks += 1;
    check('fork', conversation.id, conversation.organization, conversation.identity);
    conversation.onAudio(() => {});
    await conversation.ended;
  });
  return server;
}

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');
const clear = open();
const secure = open();
const { port: clearPort } = await clear.listen({ host: '127.0.0.1', port: 0 });
const { port: tlsPort } = await secure.listen({
  host: '127.0.0.1',
  port: 0,
  tls: { key: fixture('server.key'), cert: fixture('server.pem') },
});
report({ type: 'listening', clearPort, tlsPort });

async function collect(): Promise<void> {
  // More than once, with turns of the loop between: finalizers of one pass free what the next one collects.
  for (let pass = 0; pass < 6; pass += 1) {
    globalThis.gc?.();
    await wait(20);
  }
}

function sum(): ServerFigures['stats'] {
  const [a, b] = [clear.stats, secure.stats];
  return {
    sessions: a.sessions + b.sessions,
    turns: a.turns + b.turns,
    conversations: a.conversations + b.conversations,
    rpcs: a.rpcs + b.rpcs,
    connections: a.connections + b.connections,
  };
}

process.on('message', async (message: { readonly type: 'figures'; readonly collect: boolean }) => {
  if (message.collect) await collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  const figures: ServerFigures = {
    heapBytes: heapUsed,
    externalBytes: external,
    rssBytes: rss,
    stats: sum(),
    ...counts,
  };
  report({ type: 'figures', figures });
});
process.on('disconnect', () => process.exit(0));
