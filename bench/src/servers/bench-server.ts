// What the process around a server needs of it.

/** A server under test, listening on a port of 127.0.0.1 until its process ends. */
export interface BenchServer {
  readonly port: number;
  /** Caller audio frames that have arrived so far. */
  framesReceived(): number;
}
