// Loaded before a server (`node --import`): every port that the process opens may be opened by others too, and the kernel
// deals out the connections. For servers whose `listen` has no such option.
import { Server } from 'node:net';

const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server;

Server.prototype.listen = function listenWithOthers(this: Server, ...args: unknown[]): Server {
  const [first, ...rest] = args;
  const reusing = typeof first === 'object' && first !== null ? { ...first, reusePort: true } : first;
  return listen.call(this, reusing, ...rest);
};
