// Keeps web pages away from a platform on a developer's machine: a page of a foreign site can make its own name point to
// 127.0.0.1 and then read what is there. The name stands in `Host`, so a platform that listens on the loopback interface
// answers loopback names only.

/** Whether a host name, without a port, means this machine. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}

/** Whether a `Host` header names this machine. */
export function isLoopbackHost(host: string | undefined): boolean {
  const [, name] = /^(\[[0-9a-f:]+\]|[^:]+)(?::\d+)?$/i.exec(host ?? '') ?? [];
  return name !== undefined && isLoopback(name.toLowerCase());
}

/** Whether an `Origin` header, if there is one, is of this machine. */
export function isLoopbackOrigin(origin: string | undefined): boolean {
  if (origin === undefined) return true;
  try {
    return isLoopback(new URL(origin).hostname);
  } catch {
    return false;
  }
}
