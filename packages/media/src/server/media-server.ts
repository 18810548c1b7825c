// The server: handlers are registered, a port is opened, calls are held, and everything is closed in order.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MediaError } from '../errors/media-errors.ts';
import { createForks, type Forks } from '../forking/fork-service.ts';
import { GrpcTransport } from '../grpc/transport.ts';
import { Guard, type Refusal } from '../guard/guard.ts';
import { checkPlugin } from '../observability/check-plugin.ts';
import { createObservers, type Observers } from '../observability/observers.ts';
import type { MediaPlugin } from '../observability/plugin.ts';
import { OutputBudget } from '../output/output-budget.ts';
import { createClockSwitch } from '../session/clock-switch.ts';
import type { MediaEventName, MediaHandler } from '../session/events.ts';
import { createSessionRegistry, type SessionRegistry } from '../session/session-registry.ts';
import { createSignalNode, type SignalNode } from '../session/signal-node.ts';
import { createHealthRegistry, type HealthRegistry } from '../wire/health-registry.ts';
import type { LimitName } from '../wire/limit-name.ts';
import type { CallService } from '../wire/port.ts';
import { type Probe, routeHttp1 } from '../wire/route.ts';
import { createAgentDirectory } from './agents.ts';
import { createCallService } from './call-service.ts';
import { checkClose, checkDrain, checkListen } from './check-lifecycle.ts';
import { createFrameHearers, createHandlerTable, type HandlerTable } from './handlers.ts';
import { findInProcess, type InProcess, openInProcess } from './in-process.ts';
import type {
  CloseOptions,
  DrainOptions,
  ListenAddress,
  ServerListenOptions,
  ServerStats,
} from './lifecycle-options.ts';
import { type Listener, openListener } from './listener.ts';
import { type MediaServerOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { answerProbe, type HttpAnswer } from './probe-answers.ts';

/** The longest that a terminal event waits for audio that still plays, as the platform's own gateway has it. */
const TERMINAL_WAIT_MS = 30_000;

/** The answer to plain HTTP that is no probe. */
const NOT_FOUND: HttpAnswer = { status: 404, body: JSON.stringify({ error: 'not found' }) };

/** How often a closing server looks whether its turns have finished. */
const DRAIN_POLL_MS = 20;

/**
 * A media server for Webex Contact Center voice agents: takes calls over gRPC and gives them to handlers.
 *
 * Making one opens nothing: `listen` does. `State` is what the `state` option makes; handlers find it typed as
 * `session.state`.
 *
 * @example
 * ```ts
 * import { MediaServer, prompt } from '@byova/media';
 *
 * const server = new MediaServer({
 *   agents: [{ id: 'reception', name: 'Reception' }],
 *   verify: { datasourceUrl: 'https://va.example.com:443' },
 * });
 *
 * server.on('session_start', async ({ session }) => {
 *   const answer = await session.menu({
 *     prompt: prompt.tone({ frequencyHz: 440, durationMs: 500 }),
 *     choices: { '1': 'billing', '2': 'support' },
 *   });
 *   if (answer.status === 'ok') await session.transfer({ metadata: { queue: answer.choice } });
 *   else await session.end();
 * });
 *
 * const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
 * console.log(`listening on ${port}`);
 * await server.close();
 * ```
 */
export class MediaServer<State = undefined> {
  readonly #options: ResolvedOptions<State>;
  readonly #handlers: HandlerTable<State>;
  readonly #observers: Observers;
  readonly #registry: SessionRegistry;
  readonly #health: HealthRegistry;
  readonly #service: CallService;
  readonly #forks: Forks;
  readonly #guard: Guard;
  readonly #output: OutputBudget;
  readonly #node: SignalNode;
  readonly #shutdown = new AbortController();
  readonly #transport: GrpcTransport;
  #listener: Listener | undefined;
  #state: 'new' | 'listening' | 'draining' | 'closing' | 'closed' = 'new';
  #closed: Promise<void> | undefined;
  #drained: Promise<void> | undefined;
  #announced = false;

  /**
   * @param options - the agents, and whatever differs from the defaults
   * @throws MediaError `OPTIONS_INVALID` or `AGENT_CONFIG_INVALID`; DataSourceOptionsError for `verify`
   */
  constructor(options: MediaServerOptions<State>) {
    const given = resolveOptions(options);
    const clock = createClockSwitch(given.clock);
    const resolved = { ...given, clock };
    const { limits, logger } = resolved;
    this.#options = resolved;
    this.#handlers = createHandlerTable<State>();
    this.#node = createSignalNode();
    this.#health = createHealthRegistry();
    this.#observers = createObservers(logger);
    const errorListeners: InProcess['errorListeners'] = new Set();
    this.#registry = createSessionRegistry<State>(
      {
        ...resolved,
        onErrorEmitted({ id: conversationId, organization }, error, handler) {
          for (const listener of errorListeners) listener({ conversationId, organization, error, handler });
        },
        handlers: this.#handlers,
        observers: this.#observers,
        frameHearers: createFrameHearers(this.#observers, this.#handlers),
        createState: resolved.state,
        terminalWaitMs: TERMINAL_WAIT_MS,
      },
      limits,
      this.#node,
    );
    // No transport reaches a server that never listened; the test kit does.
    const accepting = (): boolean => this.#state === 'listening' || this.#state === 'new';
    this.#service = createCallService({
      registry: this.#registry,
      directory: createAgentDirectory({
        agents: resolved.agents,
        clock,
        timeoutMs: limits.turnTimeoutMs,
        signal: this.#shutdown.signal,
      }),
      logger,
      observers: this.#observers,
      now: () => clock.now(),
      accepting,
    });
    this.#forks = createForks({
      handler: () => this.#handlers.get('conversation_audio'),
      logger,
      clock,
      now: Date.now,
      node: this.#node,
      accepting,
      limits,
    });
    this.#guard = new Guard({
      verify: resolved.verify,
      logger,
      onRefused: (refusal) => void this.#tellRefused(refusal),
    });
    const onLimit = (limit: LimitName): void =>
      this.#observers.tell({ type: 'limit_exceeded', atMs: clock.now(), limit });
    this.#output = new OutputBudget(limits, () => onLimit('stalledReplyTimeoutMs'));
    this.#transport = new GrpcTransport({
      service: this.#service,
      forks: this.#forks,
      gate: (request) => this.#guard.check(request),
      health: this.#health,
      framePath: resolved.framePath,
      budget: this.#output,
      limits,
      onLimit,
      shutdownSignal: this.#shutdown.signal,
      now: () => clock.now(),
      onRpcEnded: (ended) => this.#observers.tell({ type: 'rpc_ended', atMs: clock.now(), ...ended }),
      answerProbe: (probe) => this.#answerProbe(probe),
      onFault: (error) => logger.error({ err: error }, 'a request could not be served'),
    });
    openInProcess(this, {
      service: this.#service,
      admit: (identity) => this.#guard.admitInProcess(identity),
      registry: this.#registry,
      clock,
      ownClock: given.clock,
      pathDelayMs: resolved.pathDelayMs,
      errorListeners,
      state: () => this.#state,
    });
  }

  /**
   * Registers the handler of an event; each event has one.
   *
   * @param name - the event
   * @param handler - what to do; may be async
   * @returns a function that removes it
   * @throws MediaError `HANDLER_EXISTS` when the event has a handler; `OPTIONS_INVALID` when there is no such event, or the
   *   handler is no function
   *
   * @example
   * ```ts
   * import { MediaServer } from '@byova/media';
   *
   * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }] });
   * const remove = server.on('dtmf_input', async ({ event, session }) => {
   *   if (event.digits === '0') await session.transfer();
   * });
   * remove();
   * ```
   */
  on<Name extends MediaEventName>(name: Name, handler: MediaHandler<Name, State>): () => void {
    return this.#handlers.set(name, handler);
  }

  /**
   * Adds a plugin: something that watches, or decides which calls are taken.
   *
   * @param plugin - its hooks
   * @returns the server
   * @throws MediaError `SERVER_LISTENING` once the server listens: a plugin sees every call or none; `OPTIONS_INVALID` for a
   *   plugin without a name, or with a hook that is no function
   *
   * @example
   * ```ts
   * import { MediaServer } from '@byova/media';
   *
   * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }] });
   * server.use({ name: 'no-calls-today', admit: () => ({ reason: 'holiday', status: 'unavailable' }) });
   * ```
   */
  use(plugin: MediaPlugin): this {
    checkPlugin(plugin);
    if (this.#state !== 'new') {
      throw new MediaError({
        code: 'SERVER_LISTENING',
        message: `The plugin '${plugin.name}' comes too late: call use() before listen().`,
      });
    }
    this.#observers.add(plugin);
    return this;
  }

  /**
   * Opens the port and takes calls.
   *
   * @param given - port, address, TLS
   * @returns where it listens
   * @throws MediaError `OPTIONS_INVALID`, `VERIFICATION_MISSING`, `SERVER_LISTENING` or `SERVER_CLOSED`; Node's error when the
   *   port is taken
   */
  async listen(given: ServerListenOptions = {}): Promise<ListenAddress> {
    const options = checkListen(given);
    if (this.#state === 'closing' || this.#state === 'closed') {
      throw new MediaError({ code: 'SERVER_CLOSED', message: 'The server was closed. Make a new one.' });
    }
    if (this.#state === 'listening' || this.#state === 'draining') {
      throw new MediaError({ code: 'SERVER_LISTENING', message: 'The server is listening already.' });
    }
    this.#guard.assertReady();
    this.#state = 'listening';
    try {
      this.#listener = await openListener({
        host: options.host ?? '0.0.0.0',
        port: options.port ?? 50_051,
        reusePort: options.reusePort ?? false,
        tls: options.tls,
        tapped: this.#options.framePath === 'tap',
        readIntervalMs: this.#options.readIntervalMs,
        limits: this.#options.limits,
        onLimit: (limit) => this.#observers.tell({ type: 'limit_exceeded', atMs: this.#options.clock.now(), limit }),
        onStream: (stream, headers) => this.#transport.serve(stream, headers),
        onHttp1: (request, response) => this.#answerHttp1(request, response),
        logger: this.#options.logger,
      });
    } catch (error) {
      this.#state = 'new';
      throw error;
    }
    this.#health.setAll('serving');
    const { clock, limits } = this.#options;
    this.#observers.tell({ type: 'listening', atMs: clock.now(), capacity: limits.maxSessions });
    const { address, port } = this.#listener.address;
    return { host: address, port };
  }

  /** What the server holds now. */
  get stats(): ServerStats {
    return {
      sessions: this.#registry.size,
      turns: this.#registry.openTurns,
      conversations: this.#forks.size,
      rpcs: this.#transport.openRpcs,
      connections: this.#listener?.connections ?? 0,
      queuedBytes: this.#output.queuedBytes,
    };
  }

  /**
   * Lets the calls finish, turn by turn, and closes: what a program does on SIGTERM. Reports NOT_SERVING and tells the handler of
   * `draining`; the port stays open and connections are left alone, since the next turn of a call comes as a new RPC; new calls are
   * refused with UNAVAILABLE, so that a load balancer takes them elsewhere. Calls that are left after `graceMs` are transferred,
   * and those that are listened to end with reason `drain`.
   *
   * @param options - how long, and what then
   * @returns when everything is closed; a second call gives the same promise, and `close` ends it early
   * @throws MediaError `OPTIONS_INVALID`: nothing was begun, and the server goes on
   *
   * @example
   * ```ts
   * import { MediaServer } from '@byova/media';
   *
   * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }], verify: { enforce: false } });
   * await server.listen({ host: '127.0.0.1', port: 0 });
   * process.once('SIGTERM', () => server.drain({ graceMs: 120_000 }));
   * await server.drain(); // no calls: at once
   * ```
   */
  drain(options: DrainOptions = {}): Promise<void> {
    try {
      const checked = checkDrain(options);
      this.#drained ??= this.#drain(checked);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#drained;
  }

  async #drain({ graceMs = 300_000, atDeadline = 'transfer', prompt, lastMs = 10_000 }: DrainOptions): Promise<void> {
    if (this.#state === 'listening') {
      this.#state = 'draining';
      await this.#announce(graceMs);
      await this.#untilEmpty(graceMs);
      this.#registry.leaveAll(atDeadline, prompt);
      await Promise.all([this.#untilEmpty(lastMs), this.#forks.close(lastMs)]);
    }
    await this.close({ graceMs: 0 });
  }

  /** Waits for the last call to end and its last reply to go out, at most so long; not at all once the server closes. */
  async #untilEmpty(ms: number): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.now() + ms;
    const isBusy = (): boolean => this.#registry.size + this.#forks.size + this.#output.queuedBytes > 0;
    while (this.#state === 'draining' && isBusy() && clock.now() < untilMs) {
      await new Promise<void>((resolve) => clock.setTimer(resolve, DRAIN_POLL_MS));
    }
  }

  /** Tells probes, and the handler of `draining`; once. */
  async #announce(graceMs: number): Promise<void> {
    if (this.#announced) return;
    this.#announced = true;
    const { logger } = this.#options;
    this.#health.setAll('not_serving');
    this.#observers.tell({ type: 'draining', atMs: this.#options.clock.now(), graceMs });
    try {
      await this.#handlers.get('draining')?.({ event: { graceMs }, log: logger });
    } catch (error) {
      logger.error({ err: error }, "the handler of 'draining' threw");
    }
  }

  /**
   * Closes the server: reports NOT_SERVING, takes no new connections and calls, lets the turns that are open finish
   * within `graceMs`, ends the calls (`session_end` with reason `drain`) and listening to others, and closes the connections.
   *
   * @param options - how long to wait
   * @returns when everything is closed; a second call gives the same promise
   * @throws MediaError `OPTIONS_INVALID`: nothing was begun, and the server goes on
   */
  close(options: CloseOptions = {}): Promise<void> {
    try {
      const { graceMs = 5000 } = checkClose(options);
      this.#closed ??= this.#close(graceMs);
      return this.#closed;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #close(graceMs: number): Promise<void> {
    const { clock } = this.#options;
    this.#state = 'closing';
    findInProcess(this)?.onClosing?.();
    this.#listener?.stopAccepting();
    await this.#announce(graceMs);
    const untilMs = clock.now() + graceMs;
    let busy = this.#transport.openRpcs > 0 || this.#registry.openTurns > 0;
    while (busy && clock.now() < untilMs) {
      // One wait more than there are turns: what was answered last is on its way out.
      busy = this.#registry.openTurns > 0 || this.#output.queuedBytes > 0;
      await new Promise<void>((resolve) => clock.setTimer(resolve, DRAIN_POLL_MS));
    }
    await Promise.all([this.#registry.finishAll('drain'), this.#forks.close(this.#options.limits.endGraceMs)]);
    this.#node.abort('drain');
    this.#shutdown.abort();
    await this.#listener?.close(1000);
    await this.#closePlugins();
    this.#state = 'closed';
  }

  async #closePlugins(): Promise<void> {
    const { clock, limits } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.setTimer(resolve, limits.endGraceMs);
    await Promise.race([this.#observers.close(), promise]);
    timer.cancel();
  }

  async #tellRefused(refusal: Refusal): Promise<void> {
    const { logger, clock } = this.#options;
    const { reason, enforced } = refusal;
    this.#observers.tell({ type: 'request_refused', atMs: clock.now(), reason, enforced });
    try {
      await this.#handlers.get('call_refused')?.({ event: refusal, log: logger });
    } catch (error) {
      logger.error({ err: error }, "the handler of 'call_refused' threw");
    }
  }

  #answerProbe(probe: Probe): HttpAnswer {
    return answerProbe(probe, this.#health, this.#options.serviceName);
  }

  #answerHttp1(request: IncomingMessage, response: ServerResponse): void {
    const { method, url } = request;
    const route = routeHttp1({ method, path: url, contentType: request.headers['content-type'] });
    const { status, body } = route.kind === 'probe' ? this.#answerProbe(route.probe) : NOT_FOUND;
    response.statusCode = status;
    response.setHeader('content-type', 'application/json');
    response.setHeader('cache-control', 'no-store');
    request.resume();
    response.end(method === 'HEAD' ? '' : body);
  }
}
