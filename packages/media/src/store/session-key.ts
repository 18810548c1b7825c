// The key of a call's record: readable where the ids are, and bounded whatever the platform sends.
import { createHash } from 'node:crypto';

const READABLE = /^[\w.-]{1,100}$/;

/** The key of a conversation of an organization; no two of them share one. */
export function sessionKey(organization: string, conversationId: string): string {
  if (READABLE.test(organization) && READABLE.test(conversationId)) return `${organization}/${conversationId}`;
  // Without a slash, so that no readable key is like it.
  const hash = createHash('sha256').update(JSON.stringify([organization, conversationId]));
  return `sha256:${hash.digest('hex')}`;
}
