// Puts an answer on the socket: whole, cut in half, or not at all.
import type { ServerResponse } from 'node:http';
import type { Fault } from './fault.ts';
import { errorBody } from './http-error.ts';
import { json, page, type Reply } from './reply.ts';

function headersOf({ headers, body, status }: Reply, trackingId: string): Record<string, string> {
  const length: Record<string, string> = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return { ...headers, ...length, trackingid: trackingId };
}

/** Sends an answer. */
export function send(response: ServerResponse, reply: Reply, trackingId: string): void {
  response.writeHead(reply.status, headersOf(reply, trackingId));
  response.end(reply.body);
}

/** Announces the whole body, sends half of it and breaks the connection. */
export function sendHalf(response: ServerResponse, reply: Reply, trackingId: string): void {
  response.writeHead(reply.status, headersOf(reply, trackingId));
  const bytes = Buffer.from(reply.body);
  const { socket } = response;
  response.write(bytes.subarray(0, Math.floor(bytes.byteLength / 2)), () => socket?.destroySoon());
}

/** What a fault answers; `truncate` alone cuts the answer that there would have been, or an empty object. */
export function faultReply(fault: Fault, trackingId: string, processed: Reply | undefined): Reply {
  const { retryAfter, html, body } = fault;
  const headers = { ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }), ...fault.headers };
  const usual = html !== undefined ? 502 : retryAfter !== undefined ? 429 : 500;
  if (html !== undefined) return page(html, { status: fault.status ?? usual, headers });
  if (body !== undefined) return json(body, { status: fault.status ?? usual, headers });
  if (fault.truncate === true && fault.status === undefined && retryAfter === undefined) {
    const reply = processed ?? json({ trackingId });
    return { ...reply, headers: { ...reply.headers, ...headers } };
  }
  const status = fault.status ?? usual;
  if (status === 204 || status === 304) return { status, headers, body: '' };
  const message = `The platform was told to answer ${status}.`;
  return json(errorBody(message, message, trackingId), { status, headers });
}
