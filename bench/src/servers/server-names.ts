// The servers of a run.

/** Names of the servers, in the order of the first round. */
export const SERVER_NAMES = ['byova', 'byova-tap', 'byova-connect', 'lane', 'connect', 'grpc-js', 'http2'] as const;

/** One of the servers. */
export type ServerName = (typeof SERVER_NAMES)[number];

/** The server that every ratio is taken to. */
export const BASELINE: ServerName = 'grpc-js';

/** The server that is nothing but HTTP/2 and decoding: ratios of CPU are taken to it as well. */
export const FLOOR: ServerName = 'http2';

/** What each server is, for people. */
export const SERVER_LABELS: Readonly<Record<ServerName, string>> = Object.freeze({
  byova: '@byova/media',
  'byova-tap': '@byova/media, tap',
  'byova-connect': '@byova/media, Connect',
  lane: 'bare lane',
  connect: 'bare Connect',
  'grpc-js': 'bare grpc-js',
  http2: 'bare node:http2',
});
