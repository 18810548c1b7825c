// Shrinks a group that provokes something to one that still does: fewer sequences, steps, fields, cuts and bytes.
import type { Group, Sequence, Step } from '../sequence/sequence.ts';

/** Whether a group still provokes what is looked for. */
export type Provokes = (group: Group) => Promise<boolean>;

/** Attempts of one run: each replays a group, which takes some 50 ms. */
const MOST_ATTEMPTS = 400;

/** Variants of a list with fewer entries, the shortest first. */
function* shorter<Entry>(entries: readonly Entry[]): Generator<readonly Entry[]> {
  if (entries.length === 0) return;
  yield [];
  for (let size = Math.ceil(entries.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < entries.length; at += size) {
      // What is kept: a part alone, and all but a part.
      if (size > 1 || entries.length > 2) yield entries.slice(at, at + size);
      yield [...entries.slice(0, at), ...entries.slice(at + size)];
    }
  }
}

function* shorterBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (const length of [0, bytes.length >> 1, bytes.length - 1]) {
    if (length >= 0 && length < bytes.length) yield bytes.subarray(0, length);
  }
}

function* simplerSteps(step: Step): Generator<Step> {
  switch (step.do) {
    case 'headers': {
      const { tail: _tail, continuations: _continuations, padding: _padding, priority: _priority, ...plain } = step;
      if (Object.keys(plain).length < Object.keys(step).length) yield plain;
      for (const fields of shorter(step.fields)) yield { ...step, fields };
      const literal = step.fields.map(({ name, value }) => ({ name, value }));
      if (step.fields.some(({ as, huffman }) => as !== undefined || huffman !== undefined)) {
        yield { ...step, fields: literal };
      }
      for (const [at, field] of step.fields.entries()) {
        if (field.value.length < 8) continue;
        const value = field.value.slice(0, field.value.length >> 1);
        yield { ...step, fields: step.fields.with(at, { ...field, value }) };
      }
      return;
    }
    case 'data': {
      const { padding: _padding, ...plain } = step;
      if ('padding' in step) yield plain;
      for (const bytes of shorterBytes(step.bytes)) yield { ...step, bytes };
      return;
    }
    case 'frame':
      for (const payload of shorterBytes(step.payload)) yield { ...step, payload };
      return;
    case 'bytes':
      for (const bytes of shorterBytes(step.bytes)) yield { ...step, bytes };
      return;
    case 'wait':
  }
}

function* simplerSequences(sequence: Sequence): Generator<Sequence> {
  if (sequence.cuts.length > 0) yield { ...sequence, cuts: [], pauseTurns: 0 };
  if (sequence.ending !== undefined) yield { ...sequence, ending: undefined };
  for (const steps of shorter(sequence.steps)) yield { ...sequence, steps };
  for (const [at, step] of sequence.steps.entries()) {
    for (const simpler of simplerSteps(step)) yield { ...sequence, steps: sequence.steps.with(at, simpler) };
  }
}

function* simplerGroups(group: Group): Generator<Group> {
  const { opening } = group;
  for (const sequences of shorter(group.sequences)) yield { ...group, sequences };
  if (group.ending !== 'destroy') yield { ...group, ending: 'destroy' };
  if (opening.settings.length > 0) yield { ...group, opening: { ...opening, settings: [] } };
  if (!opening.acknowledges) yield { ...group, opening: { ...opening, acknowledges: true } };
  if (opening.tls && opening.protocol !== 'raw')
    yield { ...group, opening: { ...opening, tls: false, alpn: undefined } };
  for (const [at, sequence] of group.sequences.entries()) {
    for (const simpler of simplerSequences(sequence)) yield { ...group, sequences: group.sequences.with(at, simpler) };
  }
}

/** Shrinks; undefined when the group itself does not provoke it. */
export async function shrinkGroup(group: Group, provokes: Provokes): Promise<Group | undefined> {
  let attempts = 0;
  const tries = async (candidate: Group): Promise<boolean> => {
    attempts += 1;
    return provokes(candidate);
  };
  // What depends on timing may need more than one attempt.
  if (!((await tries(group)) || (await tries(group)) || (await tries(group)))) return undefined;
  let smallest = group;
  for (let found = true; found && attempts < MOST_ATTEMPTS; ) {
    found = false;
    for (const candidate of simplerGroups(smallest)) {
      if (attempts >= MOST_ATTEMPTS) break;
      if (!(await tries(candidate))) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}
