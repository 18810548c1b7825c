// The spans of calls. A call is no span of its own, which would be open for an hour and arrive when nobody needs it: its
// start and its end are short spans, and each turn is a trace that is linked to the start.
import {
  type Attributes,
  type Context,
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { MediaObservation, ObservedCall } from '../observability/observation.ts';
import type { HandlerInvocation } from '../observability/plugin.ts';
import { ERROR_CODE } from '../telemetry/measures.ts';
import { outcomeOf } from '../telemetry/measuring.ts';

/** The spans of calls. */
export interface CallSpans {
  observe(observation: MediaObservation): void;
  /** Where a handler runs: within its turn, or, where it belongs to none, within the start or the end of its call. */
  contextOf(invocation: HandlerInvocation): Context;
}

/** What {@link createCallSpans} needs. */
export interface CallSpansOptions {
  readonly tracer: Tracer;
  /** Attributes of one's own, for the spans of a call. */
  readonly attributes: (call: ObservedCall) => Attributes;
}

interface CallTrace {
  readonly attributes: Attributes;
  /** To the span of the call's start. */
  readonly links: Link[];
  /** Those whose RPC is open. */
  readonly turns: Map<number, Span>;
  /** The span of its start, later that of its end. */
  edge: Span;
}

/** What the platform calls for every turn. */
const RPC: Attributes = {
  'rpc.system.name': 'grpc',
  'rpc.method': 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput',
};

/** A code that is none, for example a sentence, is not passed on. */
function codeOf(code: string | undefined): string {
  return code !== undefined && ERROR_CODE.test(code) ? code : '_OTHER';
}

/** An error is told by its code: its message may hold what a caller said. */
function fail(span: Span, code: string): void {
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
}

/** Makes the spans of a server's calls. */
export function createCallSpans({ tracer, attributes: attributesOf }: CallSpansOptions): CallSpans {
  // By the object that stays the same for a call: what is kept goes with it.
  const traces = new WeakMap<ObservedCall, CallTrace>();

  const begin = (call: ObservedCall): void => {
    const attributes = { ...attributesOf(call), 'byova.agent.id': call.agentId };
    const edge = tracer.startSpan(
      'byova.session',
      { root: true, attributes: { ...attributes, 'byova.session.implicit': call.implicit } },
      ROOT_CONTEXT,
    );
    edge.end();
    traces.set(call, { attributes, links: [{ context: edge.spanContext() }], turns: new Map(), edge });
  };

  const moment = (of: CallTrace, name: string, attributes: Attributes): Span =>
    tracer.startSpan(
      name,
      { root: true, links: of.links, attributes: { ...of.attributes, ...attributes } },
      ROOT_CONTEXT,
    );

  return {
    observe(told) {
      if (!('call' in told)) return;
      if (told.type === 'session_started') begin(told.call);
      const of = traces.get(told.call);
      if (of === undefined) return;
      const span = 'turn' in told && told.turn !== undefined ? of.turns.get(told.turn) : undefined;
      switch (told.type) {
        case 'session_ended': {
          of.edge = moment(of, 'byova.session.end', {
            'byova.outcome': outcomeOf(told.reason),
            'byova.session.duration': told.durationMs / 1000,
          });
          of.edge.end();
          break;
        }
        case 'turn_started': {
          const attributes = { ...of.attributes, ...RPC, 'byova.turn.kind': told.kind, 'byova.turn.number': told.turn };
          const options = { kind: SpanKind.SERVER, root: true, links: of.links, attributes };
          of.turns.set(told.turn, tracer.startSpan('byova.turn', options, ROOT_CONTEXT));
          break;
        }
        case 'turn_ended':
          span?.setAttribute('byova.outcome', told.outcome);
          span?.end();
          of.turns.delete(told.turn);
          break;
        case 'speech_started':
          span?.addEvent('speech_started');
          break;
        case 'speech_ended':
          span?.addEvent('speech_ended', {
            'byova.ended_by': told.endedBy,
            'byova.speech.duration': told.durationMs / 1000,
          });
          break;
        case 'dtmf_received':
          // Not how many: of a short answer that is half of it.
          span?.addEvent('dtmf_received');
          break;
        case 'no_input':
          span?.addEvent('no_input', { 'byova.count': told.count });
          break;
        case 'barge_in':
          span?.addEvent('barge_in', { 'byova.by': told.by, 'byova.heard': told.heardMs / 1000 });
          break;
        case 'false_start':
          span?.addEvent('false_start', { 'byova.speech.duration': told.speechMs / 1000 });
          break;
        case 'reply_started':
          span?.setAttribute('byova.cause', told.cause);
          span?.addEvent('reply_started', { 'byova.latency': told.latencyMs / 1000 });
          break;
        case 'reply_ended':
          span?.setAttribute('byova.cause', told.cause);
          if (told.ending !== undefined) span?.setAttribute('byova.ending', told.ending);
          break;
        case 'handler_ended': {
          if (told.outcome === 'ok') break;
          const code = codeOf(told.code);
          const attributes = { 'byova.handler': told.handler, 'error.type': code };
          span?.addEvent('handler_failed', attributes);
          // The turn is over, or there is none: the failure stands alone.
          const failed = span ?? moment(of, 'byova.handler', attributes);
          fail(failed, code);
          if (failed !== span) failed.end();
          break;
        }
      }
    },
    contextOf({ call, turn }) {
      const of = traces.get(call);
      const span = (turn === undefined ? undefined : of?.turns.get(turn)) ?? of?.edge;
      return span === undefined ? context.active() : trace.setSpan(context.active(), span);
    },
  };
}
