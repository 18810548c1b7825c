// The core of a server without a transport: RPCs are opened and fed by hand, and what the core answers is kept. Time is a
// fake clock.
import { createObservers, type Observers } from '../../src/observability/observers.ts';
import { OutputBudget } from '../../src/output/output-budget.ts';
import { createAgentDirectory } from '../../src/server/agents.ts';
import { createCallService } from '../../src/server/call-service.ts';
import { createFrameHearers, createHandlerTable, type HandlerTable } from '../../src/server/handlers.ts';
import { type MediaServerOptions, resolveOptions } from '../../src/server/options.ts';
import type { Logger } from '../../src/session/logger.ts';
import { createSessionRegistry, type SessionRegistry } from '../../src/session/session-registry.ts';
import { createSignalNode, type SignalNode } from '../../src/session/signal-node.ts';
import { mintAdmission } from '../../src/wire/gate.ts';
import type { JsonObject } from '../../src/wire/json.ts';
import type { CallService, RpcInput, RpcOutput } from '../../src/wire/port.ts';
import type { CallerEventType, DtmfDigit, RequestHeader } from '../../src/wire/request.ts';
import type { AgentResponse } from '../../src/wire/response.ts';
import { createFakeClock, type FakeClock, settle } from './fake-clock.ts';

/** 20 ms of mu-law silence. */
export const SILENCE: Uint8Array = new Uint8Array(160).fill(0xff);
/** 20 ms of something loud. */
export const LOUD: Uint8Array = Uint8Array.from({ length: 160 }, (_, index) => (index % 8 < 4 ? 0x10 : 0x90));

/** One RPC, driven by hand. */
export interface TestRpc {
  readonly responses: AgentResponse[];
  /** `'open'`, `'ok'`, or the failure. */
  readonly status: string;
  readonly input: RpcInput;
  event(type: CallerEventType, name?: string, parameters?: JsonObject): TestRpc;
  press(digits: string): TestRpc;
  /** Frames of 20 ms; the clock does not move. */
  frames(frame: Uint8Array, ms: number): TestRpc;
  halfClose(): TestRpc;
  /** Messages that had come when the core told that the next one may have to be answered at once. */
  readonly expected: readonly number[];
  /** The types of what was answered: `start_of_input`, `chunk`, `final`, `final:transfer_to_agent` … */
  readonly kinds: string[];
}

/** A core, and its clock. */
export interface TestCore {
  readonly clock: FakeClock;
  readonly on: HandlerTable<unknown>['set'];
  readonly registry: SessionRegistry;
  readonly service: CallService;
  readonly observers: Observers;
  readonly logs: {
    readonly level: string;
    readonly message: string;
    readonly fields: Readonly<Record<string, unknown>>;
  }[];
  /** Opens an RPC. */
  rpc(header?: Partial<RequestHeader>): TestRpc;
  /** Opens an RPC with one event, half-closed. */
  say(type: CallerEventType, name?: string, parameters?: JsonObject): TestRpc;
  /** Opens an RPC with digits, half-closed. */
  press(digits: string): TestRpc;
  /** Opens an RPC of silence. */
  silence(): TestRpc;
  /** Speaks for a second on an RPC, and is silent until speech has ended. */
  speak(rpc: TestRpc): Promise<void>;
}

function kindOf(response: AgentResponse): string {
  const type = response.event?.type;
  if (type === 'start_of_input' || type === 'end_of_input') return type;
  return type === undefined ? response.type : `${response.type}:${type}`;
}

/** Makes a core with one agent, `demo`. Its calls are below `parent` in the tree of signals. */
export function createTestCore(
  options: Partial<MediaServerOptions<unknown>> = {},
  parent: SignalNode = createSignalNode(),
): TestCore {
  const clock = createFakeClock();
  const logs: TestCore['logs'] = [];
  const write = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    void logs.push({ level, message, fields });
  const logger: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const resolved = resolveOptions<unknown>({
    agents: [{ id: 'demo', name: 'Demo' }],
    pathDelayMs: 0,
    logger,
    clock,
    ...options,
  });
  const handlers = createHandlerTable<unknown>();
  const observers = createObservers(logger);
  const registry = createSessionRegistry<unknown>(
    {
      ...resolved,
      handlers,
      observers,
      frameHearers: createFrameHearers(observers, handlers),
      createState: resolved.state,
      terminalWaitMs: 30_000,
    },
    resolved.limits,
    parent,
  );
  const service = createCallService({
    registry,
    directory: createAgentDirectory({
      agents: resolved.agents,
      clock,
      timeoutMs: resolved.limits.turnTimeoutMs,
      signal: new AbortController().signal,
    }),
    logger,
    observers,
    now: () => clock.now(),
    accepting: () => true,
  });

  const budget = OutputBudget.unbounded();
  const rpc = (header: Partial<RequestHeader> = {}): TestRpc => {
    const responses: AgentResponse[] = [];
    const expected: number[] = [];
    let received = 0;
    let status = 'open';
    const output: RpcOutput = {
      send: (response) => void (status === 'open' && responses.push(response)),
      share: budget.of(responses).open({ queuedBytes: 0, onStalled: () => {} }),
      expectNext: () => void expected.push(received),
      complete() {
        if (status === 'open') status = 'ok';
      },
      fail(failure) {
        if (status === 'open') status = failure;
      },
    };
    const input = service.openRpc(output, mintAdmission(undefined));
    input.begin({
      conversationId: 'c1',
      organization: 'o1',
      agentId: '',
      allowPartialResponses: false,
      vendorConfig: '',
      additionalInfo: {},
      ...header,
    });
    const self: TestRpc = {
      responses,
      expected,
      input,
      get status() {
        return status;
      },
      get kinds() {
        return responses.map(kindOf);
      },
      event(type, name = '', parameters = {}) {
        input.event({ type, name, parameters });
        return self;
      },
      press(digits) {
        input.digits([...digits] as DtmfDigit[]);
        return self;
      },
      frames(frame, ms) {
        for (let sent = 0; sent < ms; sent += 20) {
          received += 1;
          input.audio(frame, 'mulaw', 8000);
        }
        return self;
      },
      halfClose() {
        input.halfClose();
        return self;
      },
    };
    return self;
  };

  return {
    clock,
    on: (name, handler) => handlers.set(name, handler),
    registry,
    service,
    observers,
    logs,
    rpc,
    say: (type, name, parameters) => rpc().event(type, name, parameters).halfClose(),
    press: (digits) => rpc().press(digits).halfClose(),
    silence: () => rpc().frames(SILENCE, 200),
    async speak(on) {
      on.frames(SILENCE, 400).frames(LOUD, 1000);
      await settle();
      for (let ms = 0; ms < 3000 && !on.kinds.includes('end_of_input'); ms += 20) on.frames(SILENCE, 20);
      on.halfClose();
      await settle();
    },
  };
}
