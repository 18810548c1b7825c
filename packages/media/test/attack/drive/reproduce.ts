// Reproduces what an attack has found: runs the groups that may have provoked it one by one, and shrinks the one that did.
import type { Group } from '../sequence/sequence.ts';
import { AttackedServer } from '../server/attacked-server.ts';
import type { VerifyingPlatform } from '../server/verifying-platform.ts';
import { type Finding, keyOf } from './finding.ts';
import { GroupRun } from './group-run.ts';
import { describeRemains, heldOf, NOTHING, settle } from './remains.ts';
import { shrinkGroup } from './shrink-group.ts';

/** A group that is replayed alone does not take longer. */
const REPLAY_MS = 3000;

/** What a single group leaves behind has ended after this long, or does not end. */
const REMAINS_MS = 3000;

/** Replays groups against a server that outlives its faults. */
class Replay {
  readonly #platform: VerifyingPlatform;
  readonly #framePath: string;
  #server: AttackedServer | undefined;

  /** Whether it looks for what is left behind. */
  readonly #remains: boolean;

  constructor(platform: VerifyingPlatform, framePath: string, remains: boolean) {
    this.#platform = platform;
    this.#framePath = framePath;
    this.#remains = remains;
  }

  /** The keys of the faults that a group provokes. */
  async keysOf(group: Group): Promise<ReadonlySet<string>> {
    if (this.#server?.alive !== true) {
      this.#server = await AttackedServer.start({
        framePath: this.#framePath,
        issuers: this.#platform.issuers,
        survives: true,
      });
    }
    const server = this.#server;
    const figures = await server.figures();
    const before = figures === undefined ? NOTHING : heldOf(figures);
    server.faults.length = 0;
    const keys = new Set<string>();
    const run = new GroupRun(group, server, this.#platform.tokens);
    const timer = setTimeout(() => {
      keys.add(keyOf({ kind: 'stalled', text: `a connection by ${group.opening.protocol}` }));
      run.stop();
    }, REPLAY_MS);
    const { lostBy, leaked } = await run.run();
    clearTimeout(timer);
    // Behind the requests that still wait for a token to be verified.
    for (let round = 0; round < 3; round += 1) await server.figures();
    if (lostBy !== undefined) keys.add(keyOf({ kind: 'connection_ended', text: lostBy }));
    for (const index of leaked) keys.add(keyOf({ kind: 'leaked', text: `the answer to sequence ${index}` }));
    for (const fault of server.faults) keys.add(keyOf(fault));
    if (this.#remains) {
      const held = await settle(server, before, REMAINS_MS);
      const remains = held === undefined ? undefined : describeRemains(held, before);
      if (remains !== undefined) keys.add(keyOf({ kind: 'left_behind', text: remains }));
    }
    return keys;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }
}

/** Looks for the smallest group that provokes a finding, and notes it there. */
export async function reproduce(finding: Finding, platform: VerifyingPlatform, framePath: string): Promise<void> {
  const replay = new Replay(platform, framePath, finding.fault.kind === 'left_behind');
  const provokes = async (group: Group): Promise<boolean> => (await replay.keysOf(group)).has(finding.key);
  try {
    for (const suspect of finding.suspects) {
      if (!(await provokes(suspect))) continue;
      finding.reproduction = await shrinkGroup(suspect, provokes);
      if (finding.reproduction !== undefined) return;
    }
  } finally {
    await replay.stop();
  }
}
