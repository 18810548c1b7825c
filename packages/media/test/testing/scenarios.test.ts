// The same scenarios by dial, in process, and by the simulator, over a socket: two callers that share no code must agree.
import { readdirSync } from 'node:fs';
import { placeCall, readCallScenario as readForSimulator } from '@byova/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DialError, readCallScenario, runScenario } from '../../src/testing/index.ts';
import { createScenarioServer } from '../support/scenario-agents.ts';

const folder = new URL('../scenarios/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.call.yaml'));

/** What both callers can tell of a call. */
interface Outcome {
  readonly outcome: string;
  readonly failure: string | undefined;
  readonly ending: { readonly name: string; readonly metadata: object } | undefined;
  readonly customEvents: readonly { readonly name: string; readonly metadata: object }[];
  /** What each RPC was opened for. */
  readonly rpcs: readonly string[];
}

function rpcsOf(timeline: string): string[] {
  const purposes = new Map<string, string>();
  for (const [, number = '', purpose = ''] of timeline.matchAll(/ RPC (\d+): (\w+)$/gm)) {
    if (!purposes.has(number)) purposes.set(number, purpose === 'digits' ? 'dtmf' : purpose.toLowerCase());
  }
  return [...purposes.values()];
}

async function inProcess(name: string): Promise<Outcome> {
  const server = createScenarioServer();
  try {
    const scenario = await readCallScenario(new URL(name, folder));
    const { outcome, ending, customEvents, timeline } = await runScenario(server, scenario);
    return { outcome, failure: undefined, ending, customEvents, rpcs: rpcsOf(timeline) };
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    return { outcome: 'failed', failure: error.code, ending: undefined, customEvents: [], rpcs: rpcsOf(error.message) };
  } finally {
    await server.close();
  }
}

async function overSocket(name: string, target: string): Promise<Outcome> {
  const scenario = await readForSimulator(new URL(name, folder));
  const report = await placeCall({ target, organization: 'o1', pace: 'fast', ...scenario });
  expect(report.violations).toEqual([]);
  const { terminal } = report;
  const failed = report.failure !== undefined;
  return {
    outcome: report.outcome,
    failure: report.failure?.code,
    ending: terminal === undefined || failed ? undefined : { name: terminal.name, metadata: terminal.metadata },
    customEvents: report.customEvents.map(({ name: event, metadata }) => ({ name: event, metadata })),
    rpcs: report.timeline.flatMap((entry) => (entry.kind === 'rpc_opened' ? [entry.purpose] : [])),
  };
}

describe('a scenario comes out alike in process and over a socket', () => {
  const server = createScenarioServer();
  let target: string;
  beforeAll(async () => {
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    target = `http://127.0.0.1:${port}`;
  });
  afterAll(() => server.close());

  it('of which there are some of each outcome', async () => {
    const outcomes = await Promise.all(names.map(async (name) => (await inProcess(name)).outcome));
    expect(new Set(outcomes)).toEqual(new Set(['transferred', 'ended', 'hung_up', 'failed']));
  });

  it.each(names)('%s', async (name) => {
    const here = await inProcess(name);
    expect(here.rpcs[0]).toBe('session_start');
    expect(here.outcome === 'failed').toBe(name.startsWith('unmet-'));
    expect(await overSocket(name, target)).toEqual(here);
  });
});
