// The schemas that data sources can have, as the REST API lists them.

/** A schema. */
export interface Schema {
  readonly id: string;
  readonly appType: 'serviceApp';
  readonly createdAt: string;
  readonly protocol: 'gRPC' | 'WebSocket';
  readonly serviceType: string;
  readonly url: string;
}

const schema = (id: string, protocol: Schema['protocol'], serviceType: string): Schema => ({
  id,
  appType: 'serviceApp',
  createdAt: '2024-05-01T00:00:00.000Z',
  protocol,
  serviceType,
  url: `https://example.com/schemas/${serviceType}`,
});

/** Those that a partner can choose. */
export const SCHEMAS: readonly Schema[] = [
  schema('5397013b-7920-4ffc-807c-e8a3e0a18f43', 'gRPC', 'VoiceVirtualAgent'),
  schema('a38a10b7-43e4-4676-a076-a7d6dce9387d', 'WebSocket', 'VoiceVirtualAgent'),
  schema('523e1b7f-4693-47bc-b84e-a7b7a505fb0b', 'gRPC', 'MediaForking'),
  schema('1b2b7077-dbcd-4732-b2f9-296f9168168a', 'gRPC', 'MediaIntelligence'),
];
