// Data sources over real sockets: behaviours 10, 18, 19 and 20 of webex/rest.md, and what `ensure` does.
import type { DataSource } from '@byova/datasources';
import { describe, expect, it } from 'vitest';
import { ORGANIZATION, SPEC, startPartner } from './support/partner.ts';

const SCHEMA = '5397013b-7920-4ffc-807c-e8a3e0a18f43';

describe('the five calls', () => {
  it('make, read, list, change, disable, enable and delete', async () => {
    const { platform, dataSources } = await startPartner();
    const made = await dataSources.create({ ...SPEC, tokenLifetimeMinutes: 60 });
    expect(made).toMatchObject({
      organization: ORGANIZATION,
      applicationId: platform.serviceApp.clientId,
      schemaId: SCHEMA,
      ...SPEC,
      status: 'active',
      errorMessage: undefined,
      tokenLifetimeMinutes: 60,
    });
    expect(made.tokenExpiresAt - made.tokenIssuedAt).toBe(3_600_000);
    expect(await dataSources.get(made.id)).toEqual(made);
    expect(await dataSources.list()).toEqual([made]);
    const renewed = await dataSources.renew(made.id);
    expect(renewed.nonce).not.toBe(made.nonce);
    expect({ ...renewed, nonce: '', tokenIssuedAt: 0, tokenExpiresAt: 0 }).toEqual({
      ...made,
      nonce: '',
      tokenIssuedAt: 0,
      tokenExpiresAt: 0,
    });
    expect(await dataSources.disable(made.id, 'out of order')).toMatchObject({
      status: 'disabled',
      errorMessage: 'out of order',
      nonce: renewed.nonce,
    });
    const enabled = await dataSources.enable(made.id);
    expect(enabled).toMatchObject({ status: 'active' });
    expect(enabled.nonce).not.toBe(renewed.nonce);
    await dataSources.delete(made.id);
    expect(await dataSources.list()).toEqual([]);
    await expect(dataSources.get(made.id)).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });

  it('refuse what cannot be before anything is sent', async () => {
    const { dataSources, asked } = await startPartner();
    const wrong = [
      { ...SPEC, url: 'va.example.com' },
      { ...SPEC, url: 'ftp://va.example.com' },
      { ...SPEC, url: 'https://user:secret@va.example.com' },
      { ...SPEC, audience: '' },
      { ...SPEC, subject: 'x'.repeat(3000) },
      { ...SPEC, tokenLifetimeMinutes: 0 },
      { ...SPEC, tokenLifetimeMinutes: 1441 },
      { ...SPEC, tokenLifetimeMinutes: 1.5 },
      { ...SPEC, schemaId: 'voice' },
    ];
    for (const spec of wrong) await expect(dataSources.create(spec)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    await expect(dataSources.get('..')).rejects.toMatchObject({ code: 'INVALID_ID' });
    const { id } = await dataSources.create(SPEC);
    await expect(dataSources.update(id, { status: 'disabled' })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    await expect(dataSources.disable(id, '')).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    expect(asked().filter((line) => line.startsWith('PUT'))).toEqual([]);
  });

  it('an organization that left is told so', async () => {
    const { platform, dataSources } = await startPartner();
    await platform.deauthorizeApp(ORGANIZATION);
    await expect(dataSources.list()).rejects.toMatchObject({ code: 'ORGANIZATION_NOT_AUTHORIZED' });
  });
});

describe('behaviour 18: dialects', () => {
  it.each(['current', 'legacy', 'either'] as const)('a platform that takes the %s one', async (dataSourceDialect) => {
    const { dataSources, platform, asked } = await startPartner({ dataSourceDialect });
    const { id } = await dataSources.create(SPEC);
    await dataSources.renew(id);
    await dataSources.renew(id);
    const writes = asked().filter((line) => /^(?:POST|PUT)/.test(line));
    // Found out once, then remembered.
    expect(writes.filter((line) => line.endsWith(' 400'))).toHaveLength(dataSourceDialect === 'legacy' ? 1 : 0);
    expect(platform.dataSources).toMatchObject([{ id, renewals: 2 }]);
  });

  it('can be said beforehand, and a refusal for another reason is not tried twice', async () => {
    const { client, asked, dataSources } = await startPartner({
      dataSourceDialect: 'legacy',
      dataExchangeDomains: ['example.com'],
    });
    await client({ dialect: 'legacy' }).create(SPEC);
    expect(asked()).toEqual(['POST /v1/dataSources 200']);
    const elsewhere = { ...SPEC, url: 'https://va.example.org:443' };
    await expect(client({ dialect: 'legacy' }).create(elsewhere)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      status: 400,
    });
    expect(asked()).toHaveLength(2);
    expect(() => client({ dialect: 'other' as 'legacy' })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
    expect(dataSources.toJSON()).toMatchObject({ organization: ORGANIZATION });
  });

  it.each<[string, object]>([
    ['schemaId as a list', { schemaId: 'array' }],
    ['a list that is an array', { list: 'array' }],
    ['neither audience nor subject', { audience: 'omitted' }],
    ['no tokenExpiryTime', { expiry: 'omitted' }],
    ['jwtToken instead of jwsToken', { token: 'jwtToken' }],
    ['junk in the list', { junk: true }],
  ])('answers with %s', async (_, dataSourceAnswers) => {
    const plain = await startPartner();
    const odd = await startPartner({ dataSourceAnswers });
    const seen = async ({ dataSources }: typeof plain): Promise<readonly Partial<DataSource>[]> => {
      const made = await dataSources.create({ ...SPEC, tokenLifetimeMinutes: 60 });
      const all = [made, await dataSources.get(made.id), ...(await dataSources.list())];
      return all.map(({ id: _id, nonce, applicationId: _app, tokenExpiresAt, tokenIssuedAt, ...rest }) => ({
        ...rest,
        lifetime: tokenExpiresAt - tokenIssuedAt,
        sameNonce: nonce === made.nonce,
      }));
    };
    expect(await seen(odd)).toEqual(await seen(plain));
  });

  it.each([-10, 10])(
    'two ends of one token that differ by %d minutes: the earlier counts',
    async (tokenExpirySkewMinutes) => {
      const warnings: unknown[] = [];
      const nothing = (): void => {};
      const logger = {
        debug: nothing,
        info: nothing,
        error: nothing,
        warn: (fields: unknown) => void warnings.push(fields),
      };
      const { client, platform } = await startPartner({ tokenExpirySkewMinutes });
      const made = await client({ logger }).create({ ...SPEC, tokenLifetimeMinutes: 60 });
      const [source] = platform.dataSources;
      const end = source?.tokenExpiresAt ?? 0;
      expect(Math.abs(made.tokenExpiresAt - Math.min(end, end + tokenExpirySkewMinutes * 60_000))).toBeLessThan(1000);
      expect(warnings).toHaveLength(1);
      expect(JSON.stringify(warnings)).not.toContain(made.nonce);
    },
  );
});

describe('behaviour 10: a creation whose answer is lost', () => {
  it('is found by its nonce and not posted twice', async () => {
    const { dataSources, platform, asked } = await startPartner();
    platform.fault({ method: 'POST', path: '/v1/dataSources', after: 'processed', drop: true });
    const made = await dataSources.create(SPEC);
    expect(platform.dataSources.map(({ id }) => id)).toEqual([made.id]);
    expect(asked().filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });

  it('times out, and is found', async () => {
    const { dataSources, platform } = await startPartner({}, { http: { timeoutMs: 300 } });
    platform.fault({ method: 'POST', path: '/v1/dataSources', after: 'processed', delayMs: 1500 });
    const made = await dataSources.create(SPEC);
    expect(platform.dataSources.map(({ id }) => id)).toEqual([made.id]);
  });

  it('that did not happen is told of, after looking for it', async () => {
    const { client, platform, asked } = await startPartner();
    platform.fault({ method: 'POST', path: '/v1/dataSources', status: 500 });
    const impatient = {
      epoch: 'unix' as const,
      now: () => Date.now(),
      setTimer: (callback: () => void) => {
        const timer = setImmediate(callback);
        return { cancel: () => clearImmediate(timer) };
      },
    };
    await expect(client({ clock: impatient }).create(SPEC)).rejects.toMatchObject({ status: 500 });
    expect(platform.dataSources).toEqual([]);
    expect(asked().filter((line) => line.startsWith('GET')).length).toBeGreaterThan(1);
  });
});

describe('behaviour 19: a PUT has all of it', () => {
  it('renewing a disabled one keeps it disabled, and sends nothing that Webex did not define', async () => {
    const { dataSources, platform } = await startPartner({ dataSourceAnswers: { audience: 'omitted' } });
    const { id } = await dataSources.create(SPEC);
    await dataSources.disable(id, 'out of order');
    platform.clearJournal();
    expect(await dataSources.renew(id)).toMatchObject({ status: 'disabled', errorMessage: 'out of order' });
    const [put] = platform.requests({ method: 'PUT', path: /dataSources/ });
    expect(Object.keys(JSON.parse(put?.body ?? '{}')).sort()).toEqual(
      ['audience', 'errorMessage', 'nonce', 'schemaId', 'status', 'subject', 'tokenLifetimeMinutes', 'url'].sort(),
    );
    expect(JSON.parse(put?.body ?? '{}')).toMatchObject({ audience: 'va', subject: 'callAudio' });
  });
});

describe('behaviour 20: answers that are no JSON', () => {
  it('a 204 without a body, an HTML page of a proxy, an answer that is cut', async () => {
    const { dataSources, platform, client } = await startPartner();
    const { id } = await dataSources.create(SPEC);
    platform.fault({ method: 'GET', path: /dataSources/, html: '<h1>Bad gateway</h1>', times: 10 });
    await expect(client().get(id)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', status: 502 });
    platform.clearFaults();
    platform.fault({ method: 'GET', path: /dataSources/, truncate: true });
    expect(await dataSources.get(id)).toMatchObject({ id });
    platform.fault({ method: 'GET', path: /dataSources/, status: 200, body: { id, hello: 'there' } });
    await expect(dataSources.get(id)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    await expect(dataSources.delete(id)).resolves.toBeUndefined();
    await expect(dataSources.delete(id)).rejects.toMatchObject({ code: 'NOT_FOUND', trackingId: expect.any(String) });
  });
});

describe('ensure', () => {
  it('makes it once, then writes nothing', async () => {
    const { dataSources, asked } = await startPartner();
    const made = await dataSources.ensure(SPEC);
    expect(made.action).toBe('created');
    const writes = asked().filter((line) => !line.startsWith('GET')).length;
    expect(await dataSources.ensure(SPEC)).toEqual({ dataSource: made.dataSource, action: 'found', changed: [] });
    expect(asked().filter((line) => !line.startsWith('GET'))).toHaveLength(writes);
  });

  it('puts right what differs, and renews what has ended; never by deleting', async () => {
    const { dataSources, platform, asked } = await startPartner();
    const { dataSource } = await dataSources.ensure(SPEC);
    const repaired = await dataSources.ensure({ ...SPEC, subject: 'other', tokenLifetimeMinutes: 120 });
    expect(repaired).toMatchObject({
      action: 'repaired',
      changed: ['subject', 'tokenLifetimeMinutes'],
      dataSource: { id: dataSource.id, subject: 'other', tokenLifetimeMinutes: 120 },
    });
    platform.expireTokens();
    const renewed = await dataSources.ensure({ ...SPEC, subject: 'other' });
    expect(renewed).toMatchObject({ action: 'repaired', changed: ['token'], dataSource: { id: dataSource.id } });
    expect(renewed.dataSource.tokenExpiresAt).toBeGreaterThan(Date.now());
    expect(asked().some((line) => line.startsWith('DELETE'))).toBe(false);
  });

  it('leaves a disabled one disabled', async () => {
    const { dataSources } = await startPartner();
    const { dataSource } = await dataSources.ensure(SPEC);
    await dataSources.disable(dataSource.id, 'by an administrator');
    const again = await dataSources.ensure({ ...SPEC, subject: 'other' });
    expect(again).toMatchObject({
      action: 'repaired',
      dataSource: { status: 'disabled', errorMessage: 'by an administrator' },
    });
  });

  it('changes the URL of one that is named by its id', async () => {
    const { dataSources } = await startPartner();
    const { dataSource } = await dataSources.ensure(SPEC);
    const moved = await dataSources.ensure({ ...SPEC, id: dataSource.id, url: 'https://new.example.com:443' });
    expect(moved).toMatchObject({
      changed: ['url'],
      dataSource: { id: dataSource.id, url: 'https://new.example.com:443' },
    });
  });

  it('does not guess: several, another writing of the URL, another schema', async () => {
    const { dataSources } = await startPartner();
    const first = await dataSources.create(SPEC);
    const other = { ...SPEC, url: 'https://va.example.com' };
    await expect(dataSources.ensure(other)).rejects.toMatchObject({
      code: 'DATA_SOURCE_AMBIGUOUS',
      reason: 'similar_url',
      candidates: [first.id],
    });
    // The same place for another kind of service is another data source.
    expect(await dataSources.ensure({ ...SPEC, schemaId: 'mediaForking' })).toMatchObject({ action: 'created' });
    const second = await dataSources.create({ ...SPEC, subject: 'second' });
    // Told apart by audience and subject.
    expect(await dataSources.ensure(SPEC)).toMatchObject({ action: 'found', dataSource: { id: first.id } });
    await expect(dataSources.ensure({ ...SPEC, subject: 'third' })).rejects.toMatchObject({
      reason: 'several',
      candidates: [first.id, second.id],
    });
  });
});
