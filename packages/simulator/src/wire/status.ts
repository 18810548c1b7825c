// The numbers of gRPC's statuses.
export { status } from '@grpc/grpc-js';
