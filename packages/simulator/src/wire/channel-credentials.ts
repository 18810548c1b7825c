// How a connection is secured, from what its user gave.
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import type { CallTls } from '../call/call-options.ts';
import { SimulatorError } from '../errors.ts';

function pem(value: string | Uint8Array | undefined): Buffer | null {
  return value === undefined ? null : Buffer.from(value);
}

/** Makes the credentials of a connection. Throws `INVALID_OPTION`. */
export function channelCredentials(secure: boolean, tls: CallTls | undefined): ChannelCredentials {
  if (!secure && tls !== undefined) throw new SimulatorError('INVALID_OPTION', 'tls needs a target of https:.');
  if (!secure) return credentials.createInsecure();
  try {
    return credentials.createSsl(pem(tls?.ca), pem(tls?.key), pem(tls?.cert));
  } catch (cause) {
    throw new SimulatorError('INVALID_OPTION', 'tls holds something that is no PEM, or a cert without its key.', cause);
  }
}
