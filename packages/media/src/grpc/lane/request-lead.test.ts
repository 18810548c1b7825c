import { expect, test } from 'vitest';
import { createLeads, type LeadTexts, type RequestLead } from './request-lead.ts';

const TEXTS: LeadTexts = {
  conversationId: 'c',
  organization: 'o',
  agentId: 'a',
  allowPartialResponses: true,
  vendorConfig: '{}',
};

/** Bytes that no other number gives. */
function bytesOf(number: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index === 0 ? number : index + number));
}

/** A lead that knows the bytes of a number. */
function keep(lead: RequestLead, number: number, length: number): RequestLead {
  const bytes = new Uint8Array(length + 3).fill(0xff);
  bytes.set(bytesOf(number, length), 3);
  lead.keep(TEXTS, bytes, 3, 3 + length);
  return lead;
}

test.each([1, 116, 128, 129, 1024])('of %i bytes, each of two hundred RPCs knows its own', (length) => {
  const create = createLeads();
  const leads = Array.from({ length: 200 }, (_, number) => keep(create(undefined), number, length));
  for (const [number, lead] of leads.entries()) {
    expect(lead.length).toBe(length);
    expect(lead.leads(bytesOf(number, length), 0)).toBe(true);
    expect(lead.leads(bytesOf(number + 1, length), 0)).toBe(false);
  }
});

test('what an RPC that is over had is given to the next, and to no other', () => {
  const create = createLeads();
  const leads = Array.from({ length: 100 }, (_, number) => keep(create(undefined), number, 100));
  for (const lead of leads.slice(0, 50)) lead.release();
  const later = Array.from({ length: 70 }, (_, number) => keep(create(undefined), 100 + number, 128));
  for (const [number, lead] of [...leads, ...later].entries()) {
    if (number < 50) expect(lead.length).toBe(0);
    else expect(lead.leads(bytesOf(number, lead.length), 0)).toBe(true);
  }
});

test('may grow and shrink from message to message', () => {
  const create = createLeads();
  const lead = create(undefined);
  const other = keep(create(undefined), 9, 128);
  for (const [number, length] of [
    [1, 100],
    [2, 500],
    [3, 700],
    [4, 90],
    [5, 128],
    [6, 200],
  ] as const) {
    keep(lead, number, length);
    expect(lead.length).toBe(length);
    expect(lead.leads(bytesOf(number, length), 0)).toBe(true);
    expect(other.leads(bytesOf(9, 128), 0)).toBe(true);
  }
});

test('nothing, or more than is kept, is read anew each time; the texts are known all the same', () => {
  const create = createLeads();
  const lead = create(undefined);
  keep(lead, 1, 1025);
  expect(lead).toMatchObject({ length: 0, conversationId: 'c', vendorConfig: '{}' });
  keep(lead, 1, 0);
  expect(lead.length).toBe(0);
});

test('texts of another RPC that may be the same are there from the beginning, and its conversation is not', () => {
  const create = createLeads();
  expect(create(keep(create(undefined), 1, 50))).toMatchObject({
    conversationId: '',
    organization: 'o',
    agentId: 'a',
    allowPartialResponses: false,
    vendorConfig: '{}',
    length: 0,
  });
});
