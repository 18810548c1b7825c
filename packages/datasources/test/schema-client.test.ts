// Schemas over real sockets.
import { DATA_SOURCE_SCHEMAS, type DataSourceSchemaName, SchemaClient } from '@byova/datasources';
import { expect, it } from 'vitest';
import { ORGANIZATION, startPartner } from './support/partner.ts';

it('lists the schemas, and gives one by id or by name', async () => {
  const { serviceApp } = await startPartner();
  const schemas = new SchemaClient({ http: serviceApp.clientFor(ORGANIZATION) });
  const all = await schemas.list();
  for (const name of Object.keys(DATA_SOURCE_SCHEMAS) as DataSourceSchemaName[]) {
    const id = DATA_SOURCE_SCHEMAS[name];
    expect(all.map((one) => one.id)).toContain(id);
    expect(await schemas.get(name)).toEqual(await schemas.get(id));
    expect(await schemas.get(id.toUpperCase())).toMatchObject({ id });
  }
  expect(await schemas.get('voiceVirtualAgent')).toMatchObject({ protocol: 'gRPC' });
  await expect(schemas.get('toString')).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  await expect(schemas.get(crypto.randomUUID())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(() => new SchemaClient({} as never)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
});
