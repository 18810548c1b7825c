// Every export of @byova/media/opentelemetry, by name. The one entry that needs @opentelemetry/api.
/**
 * Traces and metrics of a media server for OpenTelemetry.
 *
 * @module @byova/media/opentelemetry
 */
export type { OpenTelemetryPluginOptions } from './create-open-telemetry-plugin.ts';
export { createOpenTelemetryPlugin } from './create-open-telemetry-plugin.ts';
