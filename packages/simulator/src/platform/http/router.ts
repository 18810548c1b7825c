// Finds the handler of a request. A route with fixed words goes before one with a parameter in the same place.
import { HttpError } from './http-error.ts';
import type { Reply } from './reply.ts';
import type { PlatformRequest } from './request.ts';

/** What answers a request. */
export type Handler = (request: PlatformRequest) => Reply | Promise<Reply>;

/** A method, a path such as `/v1/webhooks/:id`, and what answers there. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly handler: Handler;
}

/** A route that was found, with the decoded parts of the path that it names. */
export interface RouteMatch {
  readonly handler: Handler;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds a route; throws 404, 405 with `Allow`, or 400 for a path that cannot be decoded. */
export type Router = (method: string, path: string) => RouteMatch;

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpError(400, 'The path is not percent-encoded as it should be.');
  }
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== segment) return undefined;
    } else if (segment === '') return undefined;
    else params[part.slice(1)] = segment;
  }
  return params;
}

/** Makes a router of routes. */
export function createRouter(routes: readonly Route[]): Router {
  const named = (route: Route): number => route.path.split('/:').length;
  const table = routes
    .toSorted((left, right) => named(left) - named(right))
    .map(({ method, path, handler }) => ({ method, pattern: path.split('/'), handler }));
  return (method, path) => {
    const segments = path.split('/').map(decode);
    const found = table.flatMap((route) => {
      const params = matchPath(route.pattern, segments);
      return params === undefined ? [] : [{ ...route, params }];
    });
    const match = found.find((route) => route.method === method);
    if (match !== undefined) return { handler: match.handler, params: match.params };
    if (found.length === 0) throw new HttpError(404, 'There is nothing at this address.');
    const allow = [...new Set(found.map((route) => route.method))].sort().join(', ');
    throw new HttpError(405, `${method} is not possible here.`, { headers: { allow } });
  };
}
