// What a handler answers, before it is put on a socket.

/** An answer. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Extra {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer in JSON. */
export function json(body: unknown, { status = 200, headers = {} }: Extra = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** A page. It may load nothing, run nothing and stand in no frame, whatever got into it. */
export function page(body: string, { status = 200, headers = {} }: Extra = {}): Reply {
  const safe = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  return { status, headers: { ...safe, ...headers }, body };
}

/** 204. */
export function noContent(): Reply {
  return { status: 204, headers: {}, body: '' };
}

/** Sends a browser elsewhere. 303 after a form, since its answer must be fetched with GET. */
export function redirect(location: string, status: 302 | 303): Reply {
  return {
    status,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    body: '',
  };
}
