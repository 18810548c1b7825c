// The limits of connections and RPCs that a client can go over.

/** The option under `limits` that a client went over. */
export type LimitName =
  | 'maxConnections'
  | 'maxConnectionsPerAddress'
  | 'connectionSetupMs'
  | 'keepAliveTimeoutMs'
  | 'maxUnverifiedStreams'
  | 'maxHealthWatches'
  | 'firstMessageMs'
  | 'messageMs'
  | 'maxMessageBytes'
  | 'maxDecompressedBytes'
  | 'stalledReplyTimeoutMs';

/** Called each time that a client goes over a limit. */
export type OnLimit = (limit: LimitName) => void;
