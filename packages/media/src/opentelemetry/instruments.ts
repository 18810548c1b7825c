// The measures as instruments of an OpenTelemetry meter.
import type { Attributes, Meter } from '@opentelemetry/api';
import { LABELS, MEASURES, type Measure } from '../telemetry/measures.ts';
import type { TakeMeasurement } from '../telemetry/measuring.ts';

type Recorder = (value: number, attributes: Attributes) => void;

/** What goes with every measurement of RPCs, by the semantic conventions. */
const RPC_SYSTEM: Attributes = { 'rpc.system.name': 'grpc' };

function createInstrument(meter: Meter, measure: Measure): Recorder {
  const { instrument: name, kind, help: description, unit, buckets } = measure;
  switch (kind) {
    case 'counter': {
      const counter = meter.createCounter(name, { description, unit });
      return (value, attributes) => counter.add(value, attributes);
    }
    case 'level': {
      const level = meter.createUpDownCounter(name, { description, unit });
      return (value, attributes) => level.add(value, attributes);
    }
    case 'gauge': {
      const gauge = meter.createGauge(name, { description, unit });
      return (value, attributes) => gauge.record(value, attributes);
    }
    case 'histogram': {
      const advice = buckets === undefined ? {} : { explicitBucketBoundaries: [...buckets] };
      const histogram = meter.createHistogram(name, { description, unit, advice });
      return (value, attributes) => histogram.record(value, attributes);
    }
  }
}

/** Makes an instrument for every measure. */
export function createInstruments(meter: Meter): TakeMeasurement {
  const instruments = new Map(
    Object.values(MEASURES).map((measure) => [measure.name, createInstrument(meter, measure)]),
  );
  return (measure, value, values) => {
    const attributes: Attributes = measure === MEASURES.rpcDuration ? { ...RPC_SYSTEM } : {};
    for (const [index, label] of measure.labels.entries()) attributes[LABELS[label].attribute] = values[index];
    instruments.get(measure.name)?.(value, attributes);
  };
}
