// Options objects: what is misspelt or impossible is named, and nothing but a typed error is thrown.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkOptions } from './check-options.ts';
import { abortSignal, audioFormat, functionValue, text } from './schemas.ts';

const schema = z.strictObject({
  label: text(10).optional(),
  count: z.number().optional(),
  signal: abortSignal.optional(),
  format: audioFormat.optional(),
  validate: functionValue.optional(),
});

function problem(options: unknown): string {
  try {
    checkOptions(schema, 'play', options);
  } catch (error) {
    expect(error).toMatchObject({ name: 'MediaError', code: 'OPTIONS_INVALID' });
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

describe('options', () => {
  it.each<[string, unknown, RegExp]>([
    ['a misspelt member', { lable: 'x' }, /Unrecognized key: "lable"/],
    ['null for a member', { label: null }, /expected string, received null[\s\S]*at label/],
    ['a number for a text', { label: 5 }, /expected string, received number[\s\S]*at label/],
    ['a text that is too long', { label: 'x'.repeat(11) }, /Too big[\s\S]*at label/],
    ['a text for a number', { count: '5' }, /expected number, received string[\s\S]*at count/],
    ['what is no signal', { signal: {} }, /must be an AbortSignal, and is an object[\s\S]*at signal/],
    ['what claims to be a signal', { signal: Object.create(AbortSignal.prototype) }, /must be an AbortSignal/],
    ['what is no function', { validate: 'f' }, /must be a function, and is a string/],
    [
      'an encoding that is none',
      { format: { encoding: 'ulaw', sampleRateHz: 8000 } },
      /encoding is "ulaw"[\s\S]*at format/,
    ],
    ['null', null, /expected object, received null/],
    ['a string', 'label', /expected object, received string/],
    ['an array', [], /expected object, received array/],
    ['a Date', new Date(0), /options of play are a Date/],
    ['a promise', Promise.resolve({}), /options of play are a promise/],
    ['a Map', new Map(), /options of play are a Map/],
  ])('are refused for %s', (_title, options, message) => {
    expect(problem(options)).toMatch(message);
  });

  it('take undefined for a member that is not there', () => {
    expect(checkOptions(schema, 'play', { label: undefined, signal: undefined })).toEqual({});
  });

  it('are refused with the cause where a getter or a proxy throws', () => {
    const boom = new Error('boom');
    const fail = (): never => {
      throw boom;
    };
    for (const options of [
      Object.defineProperty({}, 'label', { enumerable: true, get: fail }),
      new Proxy({}, { get: fail, has: fail, ownKeys: fail }),
      { label: new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail }) },
    ]) {
      expect(() => checkOptions(schema, 'play', options)).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID', cause: boom }),
      );
    }
  });

  it('are read once: what is used is what was checked', () => {
    let reads = 0;
    const options = {
      get label() {
        reads += 1;
        return reads === 1 ? 'first' : 42;
      },
    };
    expect(checkOptions(schema, 'play', options)).toEqual({ label: 'first' });
  });

  it('have lone surrogates replaced, which a model that was cut off leaves', () => {
    expect(checkOptions(schema, 'play', { label: 'a\ud83d' })).toEqual({ label: 'a\ufffd' });
  });

  it('tell ten problems at most', () => {
    const wrong = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`member${index}`, 1]));
    const many = z.strictObject(Object.fromEntries(Object.keys(wrong).map((name) => [name, z.string()])));
    try {
      checkOptions(many, 'play', wrong);
    } catch (error) {
      expect((error as Error).message.match(/→ at/g)).toHaveLength(10);
    }
    expect.assertions(1);
  });
});
