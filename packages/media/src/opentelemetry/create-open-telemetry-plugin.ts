// Traces and metrics through the OpenTelemetry API, to whatever SDK the program has set up.
import { type Attributes, context, type Meter, metrics, type Tracer, trace } from '@opentelemetry/api';
import { checkMembers } from '../checks/check-members.ts';
import type { ObservedCall } from '../observability/observation.ts';
import type { MediaPlugin } from '../observability/plugin.ts';
import { createLabelBounds } from '../telemetry/label-bounds.ts';
import { createMeasuring } from '../telemetry/measuring.ts';
import { createCallSpans } from './call-spans.ts';
import { createInstruments } from './instruments.ts';

/** Options of {@link createOpenTelemetryPlugin}. */
export interface OpenTelemetryPluginOptions {
  /** Default: that of the global provider for `@byova/media`. */
  readonly tracer?: Tracer;
  /** Default: that of the global provider for `@byova/media`. */
  readonly meter?: Meter;
  /**
   * Attributes of your own for the spans of a call, for example `{ 'app.conversation.id': call.id }`. Nothing but the id of
   * the agent tells calls apart by default. Not put on metrics.
   */
  readonly attributes?: (call: ObservedCall) => Attributes;
  /**
   * How many different values an attribute of metrics with open values takes: agents, reasons, codes of errors. Further ones
   * are counted under `other`. 1 to 10 000. Default 100.
   */
  readonly maxLabelValues?: number;
}

const SCOPE = '@byova/media';

/**
 * Makes a plugin that gives OpenTelemetry a span for each turn and the measures of the server. Handlers run within the span of
 * their turn, so that the spans of what they call become its children. Nothing that a caller said or pressed is given, and of
 * errors the code alone.
 *
 * The providers are asked for when the plugin is made: set the SDK up before.
 *
 * @throws MediaError `OPTIONS_INVALID`
 *
 * @example
 * ```ts
 * import { MediaServer } from '@byova/media';
 * import { createOpenTelemetryPlugin } from '@byova/media/opentelemetry';
 *
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }] });
 * server.use(createOpenTelemetryPlugin());
 * ```
 */
export function createOpenTelemetryPlugin(given: OpenTelemetryPluginOptions = {}): MediaPlugin {
  const options = checkMembers('createOpenTelemetryPlugin', given, ['tracer', 'meter', 'attributes', 'maxLabelValues']);
  const spans = createCallSpans({
    tracer: options.tracer ?? trace.getTracer(SCOPE),
    attributes: options.attributes ?? (() => ({})),
  });
  const instruments = createInstruments(options.meter ?? metrics.getMeter(SCOPE));
  const measuring = createMeasuring(instruments, createLabelBounds(options.maxLabelValues));
  return {
    name: 'opentelemetry',
    observe(observation) {
      measuring.observe(observation);
      spans.observe(observation);
    },
    around: (invocation, next) => context.with(spans.contextOf(invocation), next),
    close: measuring.close,
  };
}
