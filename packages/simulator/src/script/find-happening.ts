// Looks for what an `expect` step waits for among what the agent has done.
import type { Happening } from '../caller/call-facts.ts';
import { jsonContains } from '../json.ts';
import type { ExpectStep } from './call-step.ts';

/** The place of the match, or what came near it. */
export type Found = { readonly matchedAt: number } | { readonly instead: string | undefined };

/** What the agent did, in words. */
export function describeHappening({ kind, name, metadata }: Happening): string {
  if (kind === 'prompt') return 'a prompt began';
  const text = Object.keys(metadata).length === 0 ? '' : ` with ${JSON.stringify(metadata)}`;
  return `the agent sent ${kind}${name === '' ? '' : ` named ${name}`}${text}`;
}

/** Finds the first happening from `from` on that meets the expectation. */
export function findHappening(happenings: readonly Happening[], from: number, step: ExpectStep): Found {
  let instead: string | undefined;
  for (const [place, happening] of happenings.entries()) {
    if (place < from) continue;
    const named = step.name === undefined || step.name === happening.name;
    const holds = step.metadata === undefined || jsonContains(happening.metadata, step.metadata);
    if (happening.kind === step.expect && named && holds) return { matchedAt: place };
    if (happening.kind !== 'prompt') instead = describeHappening(happening);
  }
  return { instead };
}
