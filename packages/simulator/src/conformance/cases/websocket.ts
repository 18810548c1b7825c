// The other transport, which no client of the gRPC service can look at.
import type { ConformanceCase } from '../conformance-case.ts';

export const WEBSOCKET_CASES: readonly ConformanceCase[] = [
  {
    id: 'C31',
    kind: 'contract',
    source: 'webSocket',
    title: 'the WebSocket transport',
    sends:
      'an upgrade without, with a bad and with a good token; SESSION_START; an audio turn; PING; a repeated seq; another conversation_id; a binary frame; SESSION_END',
    expects: '401, 401, 101; one FINAL a reply; PONG with the same seq; ERROR bad_request and close; release and close',
    notObservable: 'not observable over gRPC',
  },
];
