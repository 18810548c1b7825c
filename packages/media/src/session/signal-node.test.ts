import { expect, test } from 'vitest';
import { CallAbortedError } from '../errors/media-errors.ts';
import { createSignalNode, type SignalNode } from './signal-node.ts';

/** Why a node was aborted; undefined when it was not. */
function why(node: SignalNode): string | undefined {
  const { aborted, reason } = node.signal;
  if (!aborted) return undefined;
  return reason instanceof CallAbortedError ? reason.reason : 'something else';
}

test('an abort takes along what is below, whoever asks for its signal before or after', () => {
  const root = createSignalNode();
  const call = root.child();
  const early = call.child();
  const late = call.child();
  const heard: unknown[] = [];
  early.signal.addEventListener('abort', () => heard.push(why(early)));
  root.abort('drain');
  expect(heard).toEqual(['drain']);
  expect([why(late), why(call), why(late.child()), why(root)]).toEqual(['drain', 'drain', 'drain', 'drain']);
});

test('the first reason stays, also where nobody had asked for a signal', () => {
  const root = createSignalNode();
  const turn = root.child();
  const play = turn.child();
  turn.abort('deadline');
  root.abort('drain');
  play.abort('barge_in');
  expect([why(turn), why(play), why(root.child())]).toEqual(['deadline', 'deadline', 'drain']);
  const other = createSignalNode().child();
  other.abort('barge_in');
  other.abort('drain');
  expect(why(other)).toBe('barge_in');
});

test('what was released is taken along no more, and what was aborted before stays so', () => {
  const root = createSignalNode();
  const released = root.child();
  const asked = root.child();
  const between = root.child();
  const below = between.child();
  expect([why(asked), why(below)]).toEqual([undefined, undefined]);
  released.release();
  asked.release();
  between.release();
  const unasked = root.child();
  root.abort('drain');
  unasked.release();
  expect([why(released), why(asked), why(below), why(unasked)]).toEqual([undefined, undefined, undefined, 'drain']);
});

test('neighbours that come and go leave the others in place', () => {
  const root = createSignalNode();
  const nodes = Array.from({ length: 5 }, () => root.child());
  for (const node of nodes) expect(why(node)).toBeUndefined();
  nodes[0]?.release();
  nodes[4]?.release();
  nodes[2]?.abort('barge_in');
  root.abort('cancelled');
  expect(nodes.map(why)).toEqual([undefined, 'cancelled', 'barge_in', 'cancelled', undefined]);
});

test('a listener may release and abort neighbours, and take nothing from the others', () => {
  const root = createSignalNode();
  const [first, second, third, last] = [root.child(), root.child(), root.child(), root.child()];
  first.signal.addEventListener('abort', () => {
    second.release();
    third.abort('barge_in');
  });
  expect([why(second), why(third), why(last)]).toEqual([undefined, undefined, undefined]);
  root.abort('drain');
  expect([why(first), why(third), why(last)]).toEqual(['drain', 'barge_in', 'drain']);
});
