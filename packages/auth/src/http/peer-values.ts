// Values of a peer's JSON: null counts as absent, and one item that cannot be read does not cost the others.
import { z } from 'zod';

/** A text that may be absent; null and an empty one count as absent. */
export const optionalText: z.ZodType<string | undefined> = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value));

/** `{ items }` without the items that are not what they should be. */
export function itemsOf<T>(item: z.ZodType<T>): z.ZodType<{ readonly items: readonly T[] }> {
  return z.object({
    items: z.array(z.unknown()).transform((items) =>
      items.flatMap((value) => {
        const read = item.safeParse(value);
        return read.success ? [read.data] : [];
      }),
    ),
  });
}
