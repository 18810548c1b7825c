// Single packets that ended the process of a server, each sent without a token to a server that demands one. After each the
// process must live, in clear text and over TLS, and serve the next call. And one that left a connection open for good.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FRAME_PATHS } from '../support/frame-path.ts';
import { AttackingSocket } from './drive/attacking-socket.ts';
import { GroupRun } from './drive/group-run.ts';
import { Http2Attacker } from './drive/http2-attacker.ts';
import { proveAlive } from './drive/prove-alive.ts';
import { NOTHING, settle } from './drive/remains.ts';
import { grpcFields, plainFields } from './generate/request-fields.ts';
import type { Group, Sequence, Step } from './sequence/sequence.ts';
import { AttackedServer } from './server/attacked-server.ts';
import { VerifyingPlatform } from './server/verifying-platform.ts';
import { FLAG, FRAME, uint32 } from './wire/frames.ts';
import type { BlockField } from './wire/hpack.ts';
import { grpcMessage, PATH } from './wire/messages.ts';

const NO_ERROR = 0;
const CANCEL = 8;
const STREAM = { own: 0 } as const;

const headers = (fields: readonly BlockField[], endStream = false): Step => ({
  do: 'headers',
  stream: STREAM,
  fields,
  endStream,
});
const reset = (code: number): Step => ({
  do: 'frame',
  type: FRAME.rstStream,
  flags: 0,
  stream: STREAM,
  payload: uint32(code),
});
const emptyMessage: Step = { do: 'data', stream: STREAM, bytes: grpcMessage(Buffer.alloc(0)), endStream: true };
/** A health check, complete. */
const check = (authority: string): Step[] => [headers(grpcFields({ path: PATH.check, authority })), emptyMessage];
const withHost = (host: string): Step[] => [
  headers([
    ...grpcFields({ path: PATH.check }).filter(({ name }) => name !== ':authority'),
    { name: 'host', value: host },
  ]),
  emptyMessage,
];

const ATTACKS: readonly (readonly [what: string, steps: readonly Step[]])[] = [
  ['a call that is reset with NO_ERROR in the packet of its headers', [headers(grpcFields()), reset(NO_ERROR)]],
  ['a list that is reset with NO_ERROR', [headers(grpcFields({ path: PATH.list })), reset(NO_ERROR)]],
  ['forked audio that is reset with NO_ERROR', [headers(grpcFields({ path: PATH.fork })), reset(NO_ERROR)]],
  ['an unknown method that is reset with NO_ERROR', [headers(grpcFields({ path: '/a/B' })), reset(NO_ERROR)]],
  ['a health check whose :authority is [', check('[')],
  ['a health check whose :authority is %', check('%')],
  ['a health check whose :authority is x:99999999', check('x:99999999')],
  ['a health check whose host is [', withHost('[')],
  ['a health check whose host is %', withHost('%')],
  ['a health check whose host is x:99999999', withHost('x:99999999')],
  [
    'expect: 100-continue and a reset',
    [headers([...plainFields({ method: 'POST' }), { name: 'expect', value: '100-continue' }]), reset(CANCEL)],
  ],
  [
    'an unknown method of health that is reset with CANCEL',
    [headers(grpcFields({ path: '/grpc.health.v1.Health/Nope' })), reset(CANCEL)],
  ],
  [
    'an unknown method of health that is reset with NO_ERROR',
    [headers(grpcFields({ path: '/grpc.health.v1.Health/Nope' })), reset(NO_ERROR)],
  ],
];

let platform: VerifyingPlatform;
beforeAll(async () => {
  platform = await VerifyingPlatform.start();
});
afterAll(() => platform.close());

/** Sends a sequence on a connection of its own, in its first packet or in a later one, and waits until the server has read it. */
async function attack(server: AttackedServer, tls: boolean, first: boolean, steps: readonly Step[]): Promise<void> {
  const sequence: Sequence = {
    index: 0,
    trusted: false,
    steps,
    cuts: [],
    pauseTurns: 0,
    breaks: false,
    ending: undefined,
  };
  const opening = { tls, protocol: 'http2', alpn: ['h2'], settings: [], acknowledges: true } as const;
  const socket = await AttackingSocket.open(opening, tls ? server.tlsPort : server.clearPort);
  const attacker = new Http2Attacker(socket, opening, platform.tokens);
  if (!first) await attacker.read();
  await attacker.send(sequence);
  await attacker.read();
  await socket.end('destroy');
}

describe.each(FRAME_PATHS)('a server whose frames go by %s', (framePath) => {
  let server: AttackedServer | undefined;
  const start = async (): Promise<AttackedServer> => {
    // One that has a fault goes on only to say so: the next attack needs another.
    if (server?.alive === true && server.faults.length === 0) return server;
    await server?.stop();
    server = await AttackedServer.start({ framePath, issuers: platform.issuers, survives: false });
    return server;
  };
  afterAll(() => server?.stop());

  it.each(ATTACKS)('outlives %s', async (_, steps) => {
    const attacked = await start();
    for (const tls of [false, true]) {
      // What a server has waited for, such as the keys of tokens, changes the order in which it does things.
      for (const first of [false, true, false, true]) await attack(attacked, tls, first, steps);
    }
    const served = await proveAlive(attacked, platform).then(
      () => 'served',
      (error: unknown) => String(error),
    );
    expect(attacked.faults).toEqual([]);
    expect(served).toBe('served');
  });

  it('closes a connection that a client resets while it is ended for an error', async () => {
    const attacked = await start();
    // The write of the GOAWAY fails, and Node's HTTP/2 waits for its end: about every second time.
    const group: Group = {
      number: 0,
      opening: { tls: true, protocol: 'http2', alpn: ['h2'], settings: [], acknowledges: true },
      sequences: [
        {
          index: 0,
          trusted: false,
          steps: [
            headers([]),
            { do: 'frame', type: FRAME.settings, flags: FLAG.ack, stream: { id: 0 }, payload: Buffer.alloc(0) },
          ],
          cuts: [0.85],
          pauseTurns: 1,
          breaks: true,
          ending: 'reset',
        },
      ],
      ending: 'destroy',
    };
    for (let round = 0; round < 20; round += 1) await new GroupRun(group, attacked, platform.tokens).run();
    expect(await settle(attacked, NOTHING)).toEqual(NOTHING);
  });
});
