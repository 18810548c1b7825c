import { describe, expect, it } from 'vitest';
import { parseCpuList } from '../src/run/cores.ts';
import { parseOptions } from '../src/run/options.ts';

describe('parseOptions', () => {
  it('measures five rounds at 200, 400 and 800 calls unless told otherwise', () => {
    expect(parseOptions([])).toMatchObject({
      rounds: 5,
      seconds: 12,
      turn: 'typical',
      apart: true,
      servers: ['byova', 'byova-tap', 'byova-connect', 'lane', 'connect', 'grpc-js', 'http2'],
      calls: [200, 400, 800],
      idleCalls: 400,
      connections: 4,
    });
  });

  it('takes what is given over what --quick sets, and the "--" that a script runner hands on', () => {
    expect(parseOptions(['--', '--quick', '--calls', '5,10'])).toMatchObject({ rounds: 1, calls: [5, 10] });
  });

  it('measures the servers that are asked for, beside those that ratios are taken to', () => {
    expect(parseOptions(['--servers', 'byova'])).toMatchObject({ servers: ['byova', 'grpc-js', 'http2'] });
    expect(() => parseOptions(['--servers', 'express'])).toThrow(
      '--servers takes one of byova, byova-tap, byova-connect',
    );
  });

  it('refuses what it cannot measure, and says which option it is', () => {
    expect(() => parseOptions(['--rounds', '0'])).toThrow('--rounds takes a whole number of at least 1, not "0".');
    expect(() => parseOptions(['--calls', '200,many'])).toThrow('--calls');
    expect(() => parseOptions(['--profile', 'express'])).toThrow(
      '--profile takes one of byova, byova-tap, byova-connect, lane, connect, grpc-js, http2',
    );
    expect(() => parseOptions(['--frames', 'late'])).toThrow('--frames takes apart or together, not "late".');
    expect(() => parseOptions(['--fast'])).toThrow("'--fast'");
  });

  it('gives nothing to run when help is asked for', () => {
    expect(parseOptions(['--help'])).toBeUndefined();
  });
});

describe('parseCpuList', () => {
  it('reads single cores and ranges', () => {
    expect(parseCpuList('0-1')).toEqual([0, 1]);
    expect(parseCpuList('3,8-10,12\n')).toEqual([3, 8, 9, 10, 12]);
    expect(parseCpuList('')).toEqual([]);
  });
});
