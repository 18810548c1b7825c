// The process of the attacked server, seen from outside: starts it, collects what it reports, and asks it for its figures.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CONFIGURATION_VARIABLE, type ServerConfiguration, type ServerFigures, type ServerMessage } from './facts.ts';

const PROGRAM = fileURLToPath(new URL('server-process.ts', import.meta.url));

/** The end of what the process wrote to stderr that is kept: a native abort says there where it happened. */
const STDERR_CHARACTERS = 8000;

/** What an attacked server did that it must not. */
export interface Fault {
  readonly kind: 'uncaughtException' | 'unhandledRejection' | 'exit' | 'let_in';
  /** A stack, or what else describes it. */
  readonly text: string;
}

/** Two faults with the same key have the same cause: their kind, message and first frames are the same. */
export function keyOf({ kind, text }: Fault): string {
  if (kind === 'let_in') return `${kind} ${text.split(' ', 1)[0]}`;
  const lines = text.split('\n');
  const frames = lines.filter((line) => line.trimStart().startsWith('at ')).slice(0, 4);
  // Numbers of streams, ports and bytes, and the input that a message repeats, differ from one occurrence to the next.
  const message = (lines[0] ?? '').slice(0, 120).replaceAll(/\d+/g, '0');
  return [kind, message, ...frames.map((line) => line.trim())].join('\n');
}

/** A running server process. */
export class AttackedServer {
  readonly configuration: ServerConfiguration;
  readonly clearPort: number;
  readonly tlsPort: number;
  /** In the order of their reports. */
  readonly faults: Fault[] = [];
  /** Called for each fault. */
  onFault: (fault: Fault) => void = () => {};
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #stopping = false;
  #stderr = '';
  #waiting: ((figures: ServerFigures | undefined) => void)[] = [];

  private constructor(child: ChildProcess, configuration: ServerConfiguration, clearPort: number, tlsPort: number) {
    this.#child = child;
    this.configuration = configuration;
    this.clearPort = clearPort;
    this.tlsPort = tlsPort;
    child.on('message', (message: ServerMessage) => this.#take(message));
    child.stderr?.on('data', (text) => {
      this.#stderr = (this.#stderr + String(text)).slice(-STDERR_CHARACTERS);
    });
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        if (!this.#stopping && this.faults.every(({ kind }) => kind === 'let_in')) {
          this.#tell({ kind: 'exit', text: `the process ended: code ${code}, signal ${signal}\n${this.#stderr}` });
        }
        for (const resolveFigures of this.#waiting.splice(0)) resolveFigures(undefined);
        resolve();
      });
    });
  }

  /** Starts a server. */
  static async start(configuration: ServerConfiguration): Promise<AttackedServer> {
    const child = fork(PROGRAM, {
      execPath: process.execPath,
      execArgv: ['--expose-gc', '--conditions=@byova/source'],
      env: { ...process.env, [CONFIGURATION_VARIABLE]: JSON.stringify(configuration) },
      // Connect writes a line to stderr for each stream that broke off.
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    const started = await Promise.race([
      once(child, 'message') as Promise<[ServerMessage]>,
      once(child, 'exit').then((): never => {
        throw new Error('The attacked server did not start. Run server-process.ts by itself to see why.');
      }),
    ]);
    const [message] = started;
    if (message.type !== 'listening') throw new Error(`The attacked server did not start: ${JSON.stringify(message)}`);
    return new AttackedServer(child, configuration, message.clearPort, message.tlsPort);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** False once the process has ended. */
  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #tell(fault: Fault): void {
    this.faults.push(fault);
    this.onFault(fault);
  }

  #take(message: ServerMessage): void {
    if (message.type === 'crash') this.#tell({ kind: message.kind, text: message.stack });
    if (message.type === 'let_in') {
      this.#tell({ kind: 'let_in', text: `${message.what} '${message.id}' of organization '${message.organization}'` });
    }
    if (message.type === 'figures') this.#waiting.shift()?.(message.figures);
  }

  /** What the process holds; undefined when it has ended. */
  figures({ collect = false } = {}): Promise<ServerFigures | undefined> {
    return new Promise((resolve) => {
      if (!this.#child.connected) {
        resolve(undefined);
        return;
      }
      this.#waiting.push(resolve);
      this.#child.send({ type: 'figures', collect });
    });
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.alive) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
