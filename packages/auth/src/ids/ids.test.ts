import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applicationKey, encodeApplicationId, parseApplicationId } from './application-id.ts';
import { encodeOrganizationId, organizationKey, parseOrganizationId } from './organization-id.ts';

const uuid = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
const hydra = 'Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE';
const clientId = `C${'0123456789abcdef'.repeat(4)}`;

describe('organization ids', () => {
  it.each([
    ['uuid', uuid],
    ['upper case', uuid.toUpperCase()],
    ['hydra', hydra],
    ['hydra_padded', `${hydra}=`],
    ['base64_uuid', 'OTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh'],
    ['uri', `ciscospark://us/ORGANIZATION/${uuid}`],
    ['spaces around', ` ${uuid}\n`],
  ])('%s has the key of all the others', (_, text) => {
    expect(organizationKey(text)).toBe(uuid);
    expect(parseOrganizationId(text).wire).toBe(text.trim());
  });

  it('of another cluster keep it', () => {
    const uri = `ciscospark://urn:TEAM:us-gov-west-1_a1/ORGANIZATION/${uuid}`;
    const id = parseOrganizationId(Buffer.from(uri).toString('base64url'));
    expect(id).toMatchObject({ key: uuid, cluster: 'urn:TEAM:us-gov-west-1_a1' });
    expect(encodeOrganizationId(id.wire, 'uri')).toBe(uri);
    expect(organizationKey(encodeOrganizationId(uri))).toBe(uuid);
  });

  it('go through every form and back', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.constantFrom('uuid', 'hydra', 'hydra_padded', 'base64_uuid', 'uri'),
        fc.constantFrom('uuid', 'hydra', 'hydra_padded', 'base64_uuid', 'uri'),
        (id, one, other) => {
          expect(organizationKey(encodeOrganizationId(encodeOrganizationId(id, one), other))).toBe(id.toLowerCase());
        },
      ),
    );
  });

  it('the padded form is as long as standard base64 says', () => {
    expect(encodeOrganizationId(uuid, 'hydra_padded')).toBe(`${hydra}=`);
    expect(encodeOrganizationId(uuid)).toBe(hydra);
  });
});

describe('application ids', () => {
  const encoded = Buffer.from(`ciscospark://us/APPLICATION/${clientId}`).toString('base64');
  it.each([
    ['client_id', clientId],
    ['hydra', encodeApplicationId(clientId)],
    ['hydra_padded', encoded],
    ['base64_client_id', encodeApplicationId(clientId, 'base64_client_id')],
    ['uri', `ciscospark://us/APPLICATION/${clientId}`],
  ])('%s has the key of all the others', (_, text) => {
    expect(applicationKey(text)).toBe(clientId);
  });

  it('of today need no padding, so base64 and base64url are one', () => {
    expect(encodeApplicationId(clientId)).toBe(encoded);
  });

  it('of another length differ, and are read in both forms', () => {
    const short = `C${'0a'.repeat(30)}`;
    expect(encodeApplicationId(short, 'hydra_padded')).toMatch(/=$/);
    for (const form of ['client_id', 'hydra', 'hydra_padded', 'base64_client_id', 'uri'] as const) {
      expect(applicationKey(encodeApplicationId(short, form))).toBe(short);
    }
    expect(parseApplicationId(encodeApplicationId(short)).cluster).toBe('us');
  });
});

describe('anything else', () => {
  it('is refused with a typed error, and never crashes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.constant(encodeApplicationId(clientId))), (text) => {
        expect(() => parseOrganizationId(text)).toThrow(expect.objectContaining({ code: 'INVALID_ID' }));
      }),
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 15 }), fc.base64String({ maxLength: 15 }), fc.constant(hydra)),
        (text) => {
          expect(() => parseApplicationId(text)).toThrow(expect.objectContaining({ code: 'INVALID_ID' }));
        },
      ),
    );
  });
});
