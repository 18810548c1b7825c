// One request from the socket to the answer: read, judged by its Host, written into the journal, befallen by a fault or
// handed to its route. This is the only file in which Node's request and response are seen together with ours.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomTrackingId } from '../random-text.ts';
import { answers, type Fault, type FaultQueue } from './fault.ts';
import { isLoopbackHost, isLoopbackOrigin } from './host-guard.ts';
import { HttpError, type OAuthErrorShape, refuse } from './http-error.ts';
import type { Journal, OpenEntry } from './journal.ts';
import { pause, settled } from './pause.ts';
import { type ReadBody, readBody } from './read-body.ts';
import type { Reply } from './reply.ts';
import type { PlatformRequest } from './request.ts';
import type { Router } from './router.ts';
import { faultReply, send, sendHalf } from './send.ts';

/** What the listener works with. */
export interface ListenerParts {
  readonly router: Router;
  readonly journal: Journal;
  readonly faults: FaultQueue;
  readonly now: () => number;
  readonly oauthErrors: () => OAuthErrorShape;
  /** Refuse requests whose `Host` is not this machine. */
  readonly loopbackOnly: boolean;
  /** Aborted when the platform closes. */
  readonly closing: AbortSignal;
  /** Told of each request, once its answer is on its way or its connection is broken. */
  readonly onServed: (entry: OpenEntry) => void;
}

/** Where people and other processes control the platform; not part of what is simulated. */
const CONTROL = '/_sim/';
const MAX_TRACKING_ID = 256;

interface Head {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly trackingId: string;
}

function headOf(message: IncomingMessage): Head {
  const target = (message.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '').replace(/#.*$/, '');
  const split = target.indexOf('?');
  const headers = Object.fromEntries(
    Object.entries(message.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]),
  );
  const given = headers['trackingid'];
  return {
    method: message.method ?? 'GET',
    path: (split < 0 ? target : target.slice(0, split)) || '/',
    query: new URLSearchParams(split < 0 ? '' : target.slice(split + 1)),
    headers,
    trackingId: given === undefined || given === '' ? randomTrackingId() : given.slice(0, MAX_TRACKING_ID),
  };
}

/** Why a request must not reach a route at all. */
function objection(head: Head, body: ReadBody, loopbackOnly: boolean): HttpError | undefined {
  const { headers, path } = head;
  if (loopbackOnly && !isLoopbackHost(headers['host'])) {
    return new HttpError(403, 'The Host header names another machine than the one that the platform listens on.');
  }
  if (path.startsWith(CONTROL) && !isLoopbackOrigin(headers['origin'])) {
    return new HttpError(403, 'Pages of other sites cannot control the platform.');
  }
  if (body === 'too_large') return new HttpError(413, 'The body is larger than 1 MiB.');
  if (!['', 'identity'].includes(headers['content-encoding']?.toLowerCase() ?? '')) {
    return new HttpError(415, 'The body must not be compressed.');
  }
  return undefined;
}

/** Makes the listener of a server. */
export function createListener(parts: ListenerParts): (message: IncomingMessage, response: ServerResponse) => void {
  const { router, journal, faults, closing } = parts;

  async function answer(request: Omit<PlatformRequest, 'params'>): Promise<Reply> {
    try {
      const { handler, params } = router(request.method, request.path);
      return await handler({ ...request, params });
    } catch (error) {
      const refusal =
        error instanceof HttpError ? error : new HttpError(500, `A fault of the platform itself: ${String(error)}`);
      return refuse(refusal, request.trackingId, parts.oauthErrors());
    }
  }

  /** The answer, after what the fault has to say; `undefined` when the connection is to be broken without one. */
  async function befall(fault: Fault, request: Omit<PlatformRequest, 'params'>, gone: AbortSignal) {
    const processed = fault.after === 'processed' ? await answer(request) : undefined;
    if (fault.hold !== undefined) await settled(fault.hold, gone);
    await pause(fault.delayMs ?? 0, gone);
    if (gone.aborted || fault.drop === true) return undefined;
    return answers(fault) ? faultReply(fault, request.trackingId, processed) : (processed ?? (await answer(request)));
  }

  async function serve(message: IncomingMessage, response: ServerResponse, gone: AbortSignal): Promise<void> {
    const head = headOf(message);
    const body = await readBody(message);
    if (body === 'gone') return;
    const control = head.path.startsWith(CONTROL);
    const bytes = body === 'too_large' ? new Uint8Array() : body;
    const arrival = { ...head, at: parts.now(), body: bytes };
    const entry = control ? undefined : journal.record(arrival);
    const refusal = objection(head, body, parts.loopbackOnly);
    const fault = refusal === undefined && entry !== undefined ? faults.take(entry) : undefined;

    const request = { ...head, body: bytes, origin: `http://${head.headers['host'] ?? ''}` };
    let reply: Reply | undefined;
    if (refusal !== undefined) reply = refuse(refusal, head.trackingId, parts.oauthErrors());
    else if (fault === undefined) reply = await answer(request);
    else reply = await befall(fault, request, gone);

    const unanswered = reply === undefined || gone.aborted;
    // Before the answer leaves: whoever has received it finds it in the journal.
    if (entry !== undefined && reply !== undefined && !unanswered) entry.status = reply.status;
    if (reply === undefined || unanswered) response.destroy();
    else if (fault?.truncate === true) sendHalf(response, reply, head.trackingId);
    else {
      if (body === 'too_large') response.shouldKeepAlive = false;
      send(response, reply, head.trackingId);
    }
    if (entry !== undefined) parts.onServed(entry);
  }

  return (message, response) => {
    const client = new AbortController();
    response.once('close', () => client.abort());
    void serve(message, response, AbortSignal.any([client.signal, closing]));
  };
}
