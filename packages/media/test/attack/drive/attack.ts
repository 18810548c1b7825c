// An attack: sends the groups of a seed to one server, many at a time, and holds the server to what it owes in spite of them.
import { GROUP_SEQUENCES, generateGroup } from '../generate/generate-group.ts';
import type { Group } from '../sequence/sequence.ts';
import { AttackedServer } from '../server/attacked-server.ts';
import type { ServerFigures } from '../server/facts.ts';
import type { VerifyingPlatform } from '../server/verifying-platform.ts';
import { closeLeftSockets } from './attacking-socket.ts';
import { Finding, type FoundFault, keyOf } from './finding.ts';
import { GroupRun } from './group-run.ts';
import { proveAlive } from './prove-alive.ts';
import { describeRemains, heldBytes, NOTHING, settle } from './remains.ts';

/** Groups that run at the same time, each on a connection. */
const AT_ONCE = 16;

/** Groups between two rests: then all has to end, and the server has to serve. */
const BATCH_GROUPS = 300;

/** A connection on which the server does nothing for so long has stalled. */
const STALLED_MS = 20_000;

/** Groups that have ended and may still be what provoked a fault. */
const RECENT_GROUPS = 24;

/** The growth of heap and buffers that an attack may leave, in bytes. */
const GROWTH_BYTES = 24 * 1024 * 1024;

/** What an {@link Attack} is made from. */
export interface AttackOptions {
  readonly platform: VerifyingPlatform;
  readonly framePath: string;
  readonly seed: number;
  /** Number of the first group. Default 0. */
  readonly firstGroup?: number;
  /** Sequences to send, rounded up to whole groups. */
  readonly sequences: number;
  /** The attack ends after this long, in ms. Default: when all is sent. */
  readonly timeLimitMs?: number;
  /** Whether to go on after a fault and count further ones. Default false: the first ends the attack. */
  readonly survey?: boolean;
  /** Called after each batch. */
  readonly onProgress?: (progress: AttackProgress) => void;
}

/** How far an attack has come. */
export interface AttackProgress {
  /** Sequences that the server has read. */
  readonly sequences: number;
  readonly connections: number;
  readonly elapsedMs: number;
  /** Proofs that the server serves. */
  readonly proofs: number;
  readonly findings: readonly Finding[];
  /** What the server held after the first batch, which fills its caches, and after the last. */
  readonly baseline: ServerFigures | undefined;
  readonly remains: ServerFigures | undefined;
}

/** An attack on a server of its own. */
export class Attack {
  readonly #options: AttackOptions;
  readonly #findings = new Map<string, Finding>();
  readonly #active = new Set<GroupRun>();
  readonly #recent: Group[] = [];
  readonly #startedAtMs = performance.now();
  #baseline: ServerFigures | undefined;
  #nextGroup: number;
  #sequences = 0;
  #connections = 0;
  #proofs = 0;
  #remains: ServerFigures | undefined;
  /** Whether the server holds what it will never let go. */
  #spoiled = false;

  constructor(options: AttackOptions) {
    this.#options = options;
    this.#nextGroup = options.firstGroup ?? 0;
  }

  get progress(): AttackProgress {
    return {
      sequences: this.#sequences,
      connections: this.#connections,
      elapsedMs: performance.now() - this.#startedAtMs,
      proofs: this.#proofs,
      findings: [...this.#findings.values()],
      baseline: this.#baseline,
      remains: this.#remains,
    };
  }

  get #over(): boolean {
    const { timeLimitMs = Number.POSITIVE_INFINITY, survey = false } = this.#options;
    return this.progress.elapsedMs > timeLimitMs || (!survey && this.#findings.size > 0);
  }

  /** Runs the attack to its end. */
  async run(): Promise<AttackProgress> {
    const { sequences, firstGroup = 0, onProgress } = this.#options;
    const end = firstGroup + Math.ceil(sequences / GROUP_SEQUENCES);
    const watch = setInterval(() => this.#endStalled(), 1000);
    let server = await this.#start();
    try {
      while (this.#nextGroup < end && !this.#over) {
        const first = this.#nextGroup;
        await this.#batch(server, Math.min(first + BATCH_GROUPS, end));
        await this.#prove(server);
        await this.#rest(server, first);
        onProgress?.(this.progress);
        if (server.alive && !this.#spoiled) continue;
        if (this.#over) break;
        await server.stop();
        server = await this.#start();
      }
    } finally {
      clearInterval(watch);
      closeLeftSockets();
      await server.stop();
    }
    return this.progress;
  }

  async #start(): Promise<AttackedServer> {
    const { framePath, platform, survey = false } = this.#options;
    const server = await AttackedServer.start({ framePath, issuers: platform.issuers, survives: survey });
    server.onFault = (fault) => this.#found(fault);
    this.#baseline = undefined;
    this.#spoiled = false;
    return server;
  }

  #found(fault: FoundFault, suspects?: readonly Group[]): void {
    const known = this.#findings.get(keyOf(fault));
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const running = suspects ?? [...[...this.#active].map(({ group }) => group), ...this.#recent];
    const finding = new Finding(fault, this.progress.elapsedMs, running);
    this.#findings.set(finding.key, finding);
    if (this.#options.survey !== true) for (const run of this.#active) run.stop();
  }

  /** Runs groups up to before `end`, many at a time. */
  async #batch(server: AttackedServer, end: number): Promise<void> {
    const work = async (): Promise<void> => {
      while (this.#nextGroup < end && !this.#over && server.alive) {
        const group = generateGroup(this.#options.seed, this.#nextGroup);
        this.#nextGroup += 1;
        await this.#runGroup(server, group);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  async #runGroup(server: AttackedServer, group: Group): Promise<void> {
    const run = new GroupRun(group, server, this.#options.platform.tokens);
    this.#active.add(run);
    const { run: sequences, connections, lostBy, leaked } = await run.run();
    this.#active.delete(run);
    this.#recent.unshift(group);
    this.#recent.length = Math.min(this.#recent.length, RECENT_GROUPS);
    this.#sequences += sequences;
    this.#connections += connections;
    for (const index of leaked) this.#found({ kind: 'leaked', text: `the answer to sequence ${index}` }, [group]);
    // A connection also ends when its process does.
    if (lostBy !== undefined && server.alive && !run.stopped) {
      this.#found({ kind: 'connection_ended', text: lostBy }, [group]);
    }
  }

  #endStalled(): void {
    const now = performance.now();
    for (const run of this.#active) {
      if (run.progressAtMs === undefined || now - run.progressAtMs < STALLED_MS) continue;
      this.#found({ kind: 'stalled', text: `a connection by ${run.group.opening.protocol}` }, [run.group]);
      run.stop();
    }
  }

  async #prove(server: AttackedServer): Promise<void> {
    if (!server.alive || (this.#options.survey !== true && this.#findings.size > 0)) return;
    try {
      await proveAlive(server, this.#options.platform);
      this.#proofs += 1;
    } catch (error) {
      if (server.alive) this.#found({ kind: 'not_serving', text: String(error) });
    }
  }

  /** Waits until all that the batch from group `first` on had opened has ended, and measures what is left. */
  async #rest(server: AttackedServer, first: number): Promise<void> {
    const held = await settle(server, NOTHING);
    if (held === undefined || (this.#options.survey !== true && this.#findings.size > 0)) return;
    const { seed } = this.#options;
    const suspects = (): Group[] =>
      Array.from({ length: this.#nextGroup - first }, (_, at) => generateGroup(seed, first + at));
    const remains = describeRemains(held, NOTHING);
    if (remains !== undefined) {
      this.#found({ kind: 'left_behind', text: remains }, suspects());
      this.#spoiled = true;
      return;
    }
    this.#remains = await server.figures({ collect: true });
    this.#baseline ??= this.#remains;
    if (this.#remains === undefined || this.#baseline === undefined) return;
    const grownBytes = heldBytes(this.#remains) - heldBytes(this.#baseline);
    if (grownBytes < GROWTH_BYTES) return;
    this.#found(
      { kind: 'left_behind', text: `memory that has grown by ${(grownBytes / 1e6).toFixed(1)} MB` },
      suspects(),
    );
    this.#spoiled = true;
  }
}
