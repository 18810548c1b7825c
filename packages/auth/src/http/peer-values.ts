// Values of a peer's JSON in which null counts as absent.
import { z } from 'zod';

/** A text that may be absent; null and an empty one count as absent. */
export const optionalText: z.ZodType<string | undefined> = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value));
