// The check of limits by their names. Apart from the limits, whose types are public: a consumer's compiler loads no zod for them.
import { z } from 'zod';

const ms = z
  .number()
  .min(0)
  .max(24 * 60 * 60 * 1000);
const count = z.number().int().min(1);

/** Checks limits by their names. */
export const limitsSchema: z.ZodType = z.strictObject({
  maxSessions: count.optional(),
  maxSessionsPerOrganization: count.optional(),
  idleTimeoutMs: ms.optional(),
  maxSessionMs: ms.optional(),
  turnTimeoutMs: ms.optional(),
  maxUtteranceMs: ms.optional(),
  maxConversations: count.optional(),
  maxConversationQueueMs: ms.min(1).optional(),
  maxMessageBytes: count.optional(),
  maxReplyBytes: count.optional(),
  maxTranscriptEntries: count.optional(),
  maxTranscriptBytes: count.min(1024).optional(),
  endGraceMs: ms.optional(),
  storeTimeoutMs: ms.optional(),
  maxStateBytes: count.optional(),
  maxConcurrentStreams: count.optional(),
  maxConnections: count.optional(),
  maxConnectionsPerAddress: count.optional(),
  connectionSetupMs: ms.min(1).optional(),
  keepAliveMs: ms.min(1).optional(),
  keepAliveTimeoutMs: ms.min(1).optional(),
  maxUnverifiedStreams: count.optional(),
  maxHealthWatches: count.optional(),
  firstMessageMs: ms.min(1).optional(),
  messageMs: ms.min(1).optional(),
  maxDecompressedBytes: count.optional(),
  maxHeaderFields: count.min(16).optional(),
  maxQueuedReplyMs: ms.min(1000).optional(),
  maxQueuedBytesPerConnection: count.optional(),
  maxQueuedBytes: count.optional(),
  stalledReplyTimeoutMs: ms.min(1000).optional(),
});
