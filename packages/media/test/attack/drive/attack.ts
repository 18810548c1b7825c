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

/** Groups that run at the same time, each on a connection. */
const AT_ONCE = 16;

/** Groups between two proofs that the server serves. */
const BATCH_GROUPS = 150;

/** Groups before the memory is measured that later growth is compared with: caches and compiled code are no leak. */
const WARM_UP_GROUPS = 300;

/** A connection on which the server does nothing for so long has stalled. */
const STALLED_MS = 20_000;

/** Groups that have ended and may still be what provoked a fault. */
const RECENT_GROUPS = 24;

/** How long what attackers left is waited for to end. */
const SETTLE_MS = 30_000;

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
  /** What the server held after the warm-up, and when all had ended. */
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
        await this.#batch(server, Math.min(this.#nextGroup + BATCH_GROUPS, end));
        if (!server.alive && this.#options.survey === true) server = await this.#start();
        await this.#prove(server);
        if (this.#baseline === undefined && this.#nextGroup - firstGroup >= WARM_UP_GROUPS) {
          this.#baseline = await this.#settle(server);
        }
        onProgress?.(this.progress);
      }
      if (server.alive) await this.#judgeRemains(server);
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

  /** Waits until what attackers left has ended, at most {@link SETTLE_MS}. */
  async #settle(server: AttackedServer): Promise<ServerFigures | undefined> {
    closeLeftSockets();
    const untilMs = performance.now() + SETTLE_MS;
    for (;;) {
      const figures = await server.figures({ collect: true });
      if (figures === undefined) return undefined;
      if (Object.values(figures.stats).every((count) => count === 0) || performance.now() > untilMs) return figures;
    }
  }

  async #judgeRemains(server: AttackedServer): Promise<void> {
    const figures = await this.#settle(server);
    if (figures === undefined) return;
    this.#remains = figures;
    const { stats, started, ended } = figures;
    if (Object.values(stats).some((count) => count > 0) || started !== ended) {
      const text = `left when all had ended: ${JSON.stringify({ ...stats, started, ended })}`;
      this.#found({ kind: 'left_behind', text }, []);
    }
    if (this.#baseline === undefined) return;
    const held = ({ heapBytes, externalBytes }: ServerFigures): number => heapBytes + externalBytes;
    const grownBytes = held(figures) - held(this.#baseline);
    if (grownBytes > GROWTH_BYTES) {
      this.#found({ kind: 'left_behind', text: `memory has grown by ${(grownBytes / 1e6).toFixed(1)} MB` }, []);
    }
  }
}
