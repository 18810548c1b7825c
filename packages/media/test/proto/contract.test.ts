// Our .proto files say what Webex says: the descriptors that buf builds from them are compared with the contract table,
// in both directions, so that nothing is missing, nothing is extra, and every number is equal.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileRegistry, type DescField, fromBinary, ScalarType } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { afterAll, describe, expect, it } from 'vitest';

const root = new URL('../../../../', import.meta.url).pathname;
const buf = join(root, 'node_modules/.bin/buf');
const scratch = mkdtempSync(join(tmpdir(), 'byova-proto-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface ContractField {
  number: number;
  name: string;
  type: string;
  label: string;
  oneof?: string;
}
interface Contract {
  messages: Record<string, { fields: ContractField[] }>;
  enums: Record<string, Record<string, number>>;
  services: Record<
    string,
    { name: string; input: string; output: string; clientStreaming: boolean; serverStreaming: boolean }[]
  >;
}

const contract: Contract = JSON.parse(readFileSync(new URL('../fixtures/contract.json', import.meta.url), 'utf8'));

function typeOf(field: DescField): string {
  switch (field.fieldKind) {
    case 'scalar':
      return ScalarType[field.scalar].toLowerCase();
    case 'enum':
      return field.enum.typeName;
    case 'message':
      return field.message.typeName;
    case 'list':
      if (field.listKind === 'scalar') return ScalarType[field.scalar].toLowerCase();
      return field.listKind === 'enum' ? field.enum.typeName : field.message.typeName;
    case 'map': {
      const value =
        field.mapKind === 'scalar'
          ? ScalarType[field.scalar].toLowerCase()
          : field.mapKind === 'enum'
            ? field.enum.typeName
            : field.message.typeName;
      return `map<${ScalarType[field.mapKey].toLowerCase()},${value}>`;
    }
  }
}

function labelOf(field: DescField): string {
  if (field.fieldKind === 'list') return 'repeated';
  return field.fieldKind === 'map' ? 'map' : 'singular';
}

function built(): Contract {
  const image = join(scratch, 'image.binpb');
  execFileSync(buf, ['build', '-o', image], { cwd: root });
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)));
  const result: Contract = { messages: {}, enums: {}, services: {} };
  for (const type of registry) {
    if (type.typeName.startsWith('google.protobuf.')) continue;
    if (type.kind === 'message') {
      const fields = type.fields.map((field) => ({
        number: field.number,
        name: field.name,
        type: typeOf(field),
        label: labelOf(field),
        ...(field.oneof === undefined ? {} : { oneof: field.oneof.name }),
      }));
      result.messages[type.typeName] = { fields: fields.sort((a, b) => a.number - b.number) };
    } else if (type.kind === 'enum') {
      result.enums[type.typeName] = Object.fromEntries(type.values.map((value) => [value.name, value.number]));
    } else if (type.kind === 'service') {
      result.services[type.typeName] = type.methods.map((method) => ({
        name: method.name,
        input: method.input.typeName,
        output: method.output.typeName,
        clientStreaming: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
        serverStreaming: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
      }));
    }
  }
  return result;
}

function sorted<T>(record: Record<string, T>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => a.localeCompare(b));
}

describe('the .proto files', () => {
  const ours = built();

  it('are clean by buf lint, but for the exceptions that buf.yaml gives reasons for', () => {
    expect(() => execFileSync(buf, ['lint'], { cwd: root, encoding: 'utf8' })).not.toThrow();
  });

  it('have the messages of the contract and no others', () => {
    expect(Object.keys(ours.messages).sort()).toEqual(Object.keys(contract.messages).sort());
  });

  it.each(sorted(contract.messages))('%s has the fields of the contract', (name, { fields }) => {
    const wanted = fields.map((field) => ({ ...field, label: field.label })).sort((a, b) => a.number - b.number);
    expect(ours.messages[name]?.fields).toEqual(wanted);
  });

  it('have the enums of the contract, value for value', () => {
    expect(ours.enums).toEqual(contract.enums);
  });

  it('have the services of the contract, method for method', () => {
    const byName = (services: Contract['services']) =>
      sorted(services).map(([name, methods]) => [name, [...methods].sort((a, b) => a.name.localeCompare(b.name))]);
    expect(byName(ours.services)).toEqual(byName(contract.services));
  });

  it('gave the committed code: generating again changes nothing', () => {
    execFileSync(buf, ['generate', '-o', scratch], {
      cwd: root,
      env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
    });
    const difference = (() => {
      try {
        return execFileSync(
          'diff',
          ['-r', join(scratch, 'packages/media/src/grpc/gen'), join(root, 'packages/media/src/grpc/gen')],
          { encoding: 'utf8' },
        );
      } catch (error) {
        return String((error as { stdout?: string }).stdout ?? error);
      }
    })();
    expect(difference).toBe('');
  });
});
