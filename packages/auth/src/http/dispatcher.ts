// What carries requests: undici's, seen structurally so that none of its types is part of this package's surface.

/** Any undici `Dispatcher`: an `Agent`, a `ProxyAgent`, a `MockAgent`. */
export interface HttpDispatcher {
  dispatch(options: never, handler: never): boolean;
}
