// What is sent together: the writes of a real stream are counted.
import { connect, createServer, type ServerHttp2Stream } from 'node:http2';
import { expect, it, onTestFinished } from 'vitest';
import { OutputBudget } from '../../output/output-budget.ts';
import { LaneOutput } from './lane-output.ts';

async function openStream(): Promise<ServerHttp2Stream> {
  const server = createServer();
  const opened = new Promise<ServerHttp2Stream>((resolve) => server.once('stream', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const session = connect(`http://127.0.0.1:${port}`);
  session.request({ ':method': 'POST', ':path': '/' }).resume();
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  return await opened;
}

it('sends in one write what is said at once and what follows from it without waiting, and what comes later in another', async () => {
  const stream = await openStream();
  const written: number[] = [];
  let corkedBytes = 0;
  const write = stream.write.bind(stream);
  stream.write = (bytes: Uint8Array, ...rest: unknown[]) => {
    corkedBytes += bytes.length;
    return (write as (...args: unknown[]) => boolean)(bytes, ...rest);
  };
  const uncork = stream.uncork.bind(stream);
  stream.uncork = () => {
    written.push(corkedBytes);
    corkedBytes = 0;
    uncork();
  };
  const output = new LaneOutput(stream, OutputBudget.unbounded());
  const answer = async (): Promise<void> => {
    for (let step = 0; step < 5; step += 1) await undefined;
    output.send([Buffer.alloc(20)]);
  };
  // As what a socket has read is served: with nothing of the promises before it left to do.
  setImmediate(() => {
    output.send([Buffer.alloc(10)]);
    void answer();
  });
  await expect.poll(() => [...written, stream.writableLength]).toEqual([30, 0]);
  output.send([Buffer.alloc(5)]);
  await expect.poll(() => written).toEqual([30, 5]);
});
