// The fields of requests as clients write them, which the generator then spoils.

import type { BlockField } from '../wire/hpack.ts';
import { PATH } from '../wire/messages.ts';

/** What a request has. */
export interface RequestParts {
  readonly method?: string;
  readonly path?: string;
  readonly scheme?: string;
  readonly authority?: string;
  readonly contentType?: string;
  /** The value of `authorization`; undefined for none. */
  readonly authorization?: string | undefined;
}

/** The fields of a gRPC request. */
export function grpcFields({
  method = 'POST',
  path = PATH.voice,
  scheme = 'http',
  authority = 'localhost',
  contentType = 'application/grpc',
  authorization,
}: RequestParts = {}): BlockField[] {
  const fields: BlockField[] = [
    { name: ':method', value: method },
    { name: ':scheme', value: scheme },
    { name: ':path', value: path },
    { name: ':authority', value: authority },
    { name: 'content-type', value: contentType },
    { name: 'te', value: 'trailers' },
  ];
  if (authorization !== undefined) fields.push({ name: 'authorization', value: authorization });
  return fields;
}

/** The fields of a plain HTTP request. */
export function plainFields({
  method = 'GET',
  path = '/health',
  scheme = 'http',
  authority = 'localhost',
}: RequestParts = {}): BlockField[] {
  return [
    { name: ':method', value: method },
    { name: ':scheme', value: scheme },
    { name: ':path', value: path },
    { name: ':authority', value: authority },
  ];
}
