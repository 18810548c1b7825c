// The packages as a consumer gets them: complete, importable, strictly typed, and with no type of a transport in sight.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, type Packed, packAll, root } from './pack.ts';

let consumer: string;
let packages: readonly Packed[];
beforeAll(() => {
  ({ consumer, packages } = packAll());
}, 120_000);
afterAll(() => rmSync(consumer, { recursive: true, force: true }));

const packed = (name: Packed['name']): Packed => {
  const found = packages.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} was not packed`);
  return found;
};
/** Runs a command; gives its output whether it succeeded or not. */
function output(
  command: string,
  args: readonly string[],
  cwd: string,
): { readonly ok: boolean; readonly text: string } {
  try {
    return { ok: true, text: execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' }) };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { ok: false, text: `${stdout}${stderr}` };
  }
}

describe('what is published', () => {
  // A new entry is a promise: add it here with intent. `./audio` stands alone so that a converter needs no server; the stores
  // on a server stand alone so that their types ask for no client library, and so does `./opentelemetry`; `./prometheus` so that
  // a server without it does not carry it; `./decoders` so that only programs with compressed prompts install decoders.
  it.each<[Packed['name'], string[]]>([
    ['auth', ['.', './errors', './foundation', './http', './package.json', './postgres', './redis', './testing']],
    ['datasources', ['.', './jws', './package.json']],
    [
      'media',
      [
        '.',
        './audio',
        './decoders',
        './opentelemetry',
        './package.json',
        './prometheus',
        './recorder',
        './reducer',
        './redis',
        './testing',
      ],
    ],
    ['simulator', ['.', './package.json']],
  ])('%s has its entries and no source condition', (name, entries) => {
    const { exports } = packed(name).manifest;
    expect(Object.keys(exports).sort()).toEqual(entries.sort());
    expect(JSON.stringify(exports)).not.toContain('@byova/source');
  });

  it.each(['auth', 'datasources', 'media', 'simulator'] as const)(
    '%s passes publint and attw',
    (name) => {
      const { tarball } = packed(name);
      expect(output(bin('publint'), ['run', tarball, '--strict'], root)).toMatchObject({ ok: true });
      expect(output(bin('attw'), [tarball, '--profile', 'esm-only'], root)).toMatchObject({ ok: true });
    },
    120_000,
  );

  it('can be imported and required, but not reached into', () => {
    const entries = [
      ...['@byova/auth', '@byova/auth/errors', '@byova/auth/foundation', '@byova/auth/http'],
      ...['@byova/auth/postgres', '@byova/auth/redis', '@byova/auth/testing'],
      ...['@byova/datasources', '@byova/datasources/jws', '@byova/media', '@byova/media/audio', '@byova/simulator'],
      ...['@byova/media/redis', '@byova/media/reducer', '@byova/media/recorder', '@byova/media/prometheus'],
      ...['@byova/media/decoders', '@byova/media/testing'],
    ];
    const script = `
      import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      for (const entry of ${JSON.stringify(entries)}) {
        if (Object.keys(await import(entry)).length === 0 || Object.keys(require(entry)).length === 0) throw new Error(entry);
      }
      await import('@byova/media/dist/session/call.js').then(() => { throw new Error('reached'); }, (error) => {
        if (error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
      });`;
    writeFileSync(join(consumer, 'import.mjs'), script);
    expect(output(process.execPath, ['import.mjs'], consumer)).toEqual({ ok: true, text: '' });
  });
});

describe('@byova/media/testing', () => {
  it.each([
    ['import', "import { MediaServer, prompt } from '@byova/media'; import { dial } from '@byova/media/testing';"],
    [
      'require',
      "const { MediaServer, prompt } = require('@byova/media'); const { dial } = require('@byova/media/testing');",
    ],
  ])(
    'runs under Jest, by %s',
    (kind, imports) => {
      const file = `billing.test.${kind === 'import' ? 'mjs' : 'cjs'}`;
      const test = `
      ${imports}
      const menu = prompt.tone({ frequencyHz: 440, durationMs: 3000 });
      const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }] });
      server.on('session_start', async ({ session }) => {
        const answer = await session.menu({ prompt: menu, choices: { 1: 'billing' } });
        await session.transfer({ name: answer.choice });
      });
      test('1 is billing', async () => {
        const call = await dial(server, { texts: [[menu, 'Press 1']] });
        await call.heard(/Press 1/, { withinMs: 500 });
        await call.press('1');
        expect((await call.transferred()).name).toBe('billing');
      });
      test('prints the timeline', async () => {
        const call = await dial(server);
        await expect(call.ended({ withinMs: 100 })).rejects.toThrow(/The call:\\n +0.000  RPC 1: SESSION_START/);
      });`;
      writeFileSync(join(consumer, file), test);
      // Jest needs the flag for every package of ES modules.
      const flags = [
        '--experimental-vm-modules',
        '--no-warnings',
        join(root, 'packages/media/node_modules/jest/bin/jest.js'),
      ];
      const config = {
        rootDir: consumer,
        testMatch: [`**/${file}`],
        transform: {},
        moduleFileExtensions: ['js', 'mjs', 'cjs'],
      };
      const args = [...flags, '--config', JSON.stringify(config), '--no-cache', '--no-watchman'];
      // It reports on stderr, success included.
      const script = `exec "$@" 2>&1`;
      const { ok, text } = output('sh', ['-c', script, 'sh', process.execPath, ...args], consumer);
      expect(ok, text).toBe(true);
      expect(text).toContain('Tests:       2 passed, 2 total');
    },
    60_000,
  );
});

describe('what a strict consumer sees', () => {
  it('compiles without skipLibCheck, and loads no type of protobuf, Connect, gRPC, undici or ws', () => {
    const file = `
      import { MediaServer, prompt, type Session } from '@byova/media';
      import { readWav } from '@byova/media/audio';
      import { createRecorder } from '@byova/media/recorder';
      import { RedisSessionStore } from '@byova/media/redis';
      import { dial, runScenario } from '@byova/media/testing';
      import { createPrometheusMetrics } from '@byova/media/prometheus';
      import { IntegrationTokenManager, MemoryTokenStore, ServiceAppTokenManager } from '@byova/auth';
      import { ByovaError } from '@byova/auth/errors';
      import { HttpClient } from '@byova/auth/http';
      import { PostgresTokenStore } from '@byova/auth/postgres';
      import { RedisTokenStore } from '@byova/auth/redis';
      import { tokenStoreContract } from '@byova/auth/testing';
      import { DataSourceRefresher } from '@byova/datasources';
      import { JwsVerifier } from '@byova/datasources/jws';
      import { placeCall, startPlatform } from '@byova/simulator';
      const integration = new IntegrationTokenManager({ clientId: 'a', clientSecret: 'b', store: new MemoryTokenStore() });
      export { DataSourceRefresher, HttpClient, integration, JwsVerifier, PostgresTokenStore, RedisSessionStore, RedisTokenStore, ServiceAppTokenManager, startPlatform, tokenStoreContract };
      const server = new MediaServer({ agents: [{ id: 'a', name: 'A' }], state: () => ({ n: 0 }) });
      server.use(createPrometheusMetrics().plugin);
      server.on('session_start', async ({ session }) => {
        const typed: Session<{ n: number }> = session;
        await typed.play(prompt.silence(10));
      });
      export { ByovaError, createRecorder, dial, placeCall, readWav, runScenario, server };`;
    writeFileSync(join(consumer, 'index.ts'), file);
    const flags =
      '--noEmit --listFiles --skipLibCheck false --strict --exactOptionalPropertyTypes --target es2022 --lib es2022 --module nodenext --types node index.ts';
    const { ok, text } = output(bin('tsc'), flags.split(' '), consumer);
    expect(ok, text).toBe(true);
    const loaded = text.split('\n').filter((line) => line.includes('/node_modules/') && !line.includes('/typescript/'));
    expect(loaded.some((line) => line.includes('@byova/media'))).toBe(true);
    expect(
      loaded.filter((line) =>
        /@bufbuild|@connectrpc|@grpc|@opentelemetry|protobufjs|\/gen\/|\/undici\/|\/ws\/|jose|ioredis|\/redis\/|\/pg\/|\/zod\//.test(
          line,
        ),
      ),
    ).toEqual([]);
  }, 60_000);
});

describe('what an entry loads', () => {
  /** The modules that a built module imports, and those that they import. */
  function graph(entry: string, seen = new Map<string, string[]>()): Map<string, string[]> {
    if (seen.has(entry)) return seen;
    const imports = [...readFileSync(entry, 'utf8').matchAll(/^(?:import|export)\b[^'";]*from ['"]([^'"]+)['"]/gm)].map(
      (match) => match[1] ?? '',
    );
    seen.set(
      entry,
      imports.filter((name) => !name.startsWith('.')),
    );
    for (const name of imports) {
      const path = join(dirname(entry), name);
      if (name.startsWith('.') && existsSync(path)) graph(path, seen);
    }
    return seen;
  }

  it('the errors and the stores of @byova/auth load no client library and no undici', () => {
    const { folder } = packed('auth');
    const names = (entry: string): string[] =>
      [...graph(join(folder, 'dist', entry)).values()].flat().filter((name) => !name.startsWith('node:'));
    expect(names('errors/index.js')).toEqual([]);
    expect(names('foundation.js')).toEqual([]);
    expect(names('redis.js')).toEqual([]);
    expect(names('postgres.js')).toEqual([]);
    expect(names('testing/index.js')).toEqual([]);
    expect(new Set(names('index.js'))).toEqual(new Set(['undici', 'zod']));
  });

  it('./jws loads the errors and jose, and nothing else', () => {
    const loaded = graph(join(packed('datasources').folder, 'dist/jws/index.js'));
    const names = [...loaded.values()].flat().filter((name) => !name.startsWith('node:'));
    expect(new Set(names)).toEqual(new Set(['@byova/auth/errors', 'jose']));
  });

  it('./audio loads the errors and nothing else', () => {
    const loaded = graph(join(packed('media').folder, 'dist/audio/index.js'));
    expect(new Set([...loaded.values()].flat())).toEqual(new Set(['@byova/auth/errors']));
  });

  it('./redis of media loads the errors and no client library', () => {
    const loaded = graph(join(packed('media').folder, 'dist/redis.js'));
    const names = [...loaded.values()].flat().filter((name) => !name.startsWith('node:'));
    expect(new Set(names)).toEqual(new Set(['@byova/auth/errors']));
  });

  it('OpenTelemetry is loaded by ./opentelemetry alone, and ./prometheus loads the errors and nothing else', () => {
    const { folder, manifest } = packed('media');
    const names = (entry: string) => new Set([...graph(join(folder, 'dist', entry)).values()].flat());
    expect([...names('index.js')].filter((name) => name.startsWith('@opentelemetry/'))).toEqual([]);
    expect(names('opentelemetry/index.js')).toEqual(new Set(['@byova/auth/errors', '@opentelemetry/api']));
    expect(names('prometheus/index.js')).toEqual(new Set(['@byova/auth/errors']));
    expect(Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@opentelemetry/'))).toEqual([]);
  });

  it('./recorder loads the errors and zod, and no server', () => {
    const loaded = graph(join(packed('media').folder, 'dist/recorder/index.js'));
    const names = [...loaded.values()].flat().filter((name) => !name.startsWith('node:'));
    expect(new Set(names)).toEqual(new Set(['@byova/auth/errors', 'zod']));
    expect([...loaded.keys()].filter((path) => path.includes('/dist/server/'))).toEqual([]);
  });

  it('protobuf and Connect are loaded by the folder grpc alone', () => {
    const loaded = graph(join(packed('media').folder, 'dist/index.js'));
    const users = [...loaded]
      .filter(([, names]) => names.some((name) => /@bufbuild|@connectrpc/.test(name)))
      .map(([path]) => path);
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter((path) => !path.includes('/dist/grpc/'))).toEqual([]);
  });

  it('the main entry of @byova/media loads nothing of ./testing, which needs no test runner', () => {
    const dist = join(packed('media').folder, 'dist');
    const paths = (entry: string): string[] => [...graph(join(dist, entry)).keys()];
    expect(paths('index.js').filter((path) => path.includes('/testing/'))).toEqual([]);
    const names = [...graph(join(dist, 'testing/index.js'))].flatMap(([path, loaded]) =>
      path.includes('/dist/testing/') ? loaded.filter((name) => !name.startsWith('node:')) : [],
    );
    expect(new Set(names)).toEqual(new Set(['@byova/auth/errors', 'yaml', 'zod']));
  });

  it('the simulator loads no other package of ours, and they do not load it', () => {
    const names = (name: Packed['name'], entry: string): string[] =>
      [...graph(join(packed(name).folder, entry)).values()].flat();
    expect(names('simulator', 'dist/index.js').filter((name) => name.startsWith('@byova/'))).toEqual([]);
    expect(names('media', 'dist/index.js').filter((name) => name.includes('simulator'))).toEqual([]);
  });
});

describe('@byova/media/decoders', () => {
  it('has types without the packages that it loads, and an error that says which one to install', () => {
    const program = `
      import { DecodingPrompts, flac, mp3, opus, vorbis } from '@byova/media/decoders';
      const prompts = new DecodingPrompts({ decoders: [mp3(), vorbis(), opus(), flac()] });
      const page = '\\0'.repeat(22);
      const heads = ['ID3\\x04', \`OggS\\0\\x02\${page}\\x01vorbis\`, \`OggS\\0\\x02\${page}OpusHead\`, 'fLaC'];
      for (const head of heads) {
        const bytes = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(60)]);
        await prompts.bytes(bytes).open(new AbortController().signal).catch((error) => console.log(error.message));
      }`;
    writeFileSync(join(consumer, 'decoders.mts'), program);
    const flags =
      '--outDir . --skipLibCheck false --strict --target es2022 --lib es2022 --module nodenext --types node decoders.mts';
    expect(output(bin('tsc'), flags.split(' '), consumer)).toEqual({ ok: true, text: '' });
    const { ok, text } = output(process.execPath, ['decoders.mjs'], consumer);
    expect(ok, text).toBe(true);
    const names = [
      'mpg123-decoder',
      '@wasm-audio-decoders/ogg-vorbis',
      'ogg-opus-decoder',
      '@wasm-audio-decoders/flac',
    ];
    expect(text.trim().split('\n')).toEqual(
      names.map((name) => `The decoder ${name} cannot be loaded. Install it beside @byova/media: npm install ${name}`),
    );
  }, 60_000);
});

describe('@byova/media/opentelemetry', () => {
  const file = `
    import { MediaServer } from '@byova/media';
    import { createOpenTelemetryPlugin } from '@byova/media/opentelemetry';
    import { trace } from '@opentelemetry/api';
    const server = new MediaServer({ agents: [{ id: 'a', name: 'A' }] });
    server.use(createOpenTelemetryPlugin({ tracer: trace.getTracer('mine') }));`;
  const flags = '--skipLibCheck false --strict --target es2022 --lib es2022 --module nodenext --types node';
  const compiled = () => output(bin('tsc'), [...flags.split(' '), 'traced.ts'], consumer);

  it('needs @opentelemetry/api, and works with what its user has', () => {
    writeFileSync(join(consumer, 'traced.ts'), file);
    expect(compiled().text).toContain("Cannot find module '@opentelemetry/api'");
    mkdirSync(join(consumer, 'node_modules/@opentelemetry'));
    symlinkSync(
      join(root, 'packages/media/node_modules/@opentelemetry/api'),
      join(consumer, 'node_modules/@opentelemetry/api'),
    );
    expect(compiled()).toEqual({ ok: true, text: '' });
    expect(output(process.execPath, ['traced.js'], consumer)).toEqual({ ok: true, text: '' });
  }, 60_000);
});
