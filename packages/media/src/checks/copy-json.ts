// One walk over a value that a program hands over as JSON: refuses what JSON cannot hold, by the path of the member, and
// gives a copy. What the program changes afterwards, or a getter that answers differently the second time, cannot reach
// the encoder.
import type { JsonValue } from '../wire/json.ts';
import { isPlainObject, kindOf } from './kind-of.ts';

/** Deeper is a mistake, or an attempt at the stack of whoever reads it. */
export const MAX_JSON_DEPTH = 100;

/** Longer paths are cut in an error. */
const MAX_PATH_LENGTH = 300;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** What is allowed. */
export interface JsonRules {
  /** The name of the value in errors. */
  readonly path: string;
  /** The most bytes of names and values in UTF-8, with their punctuation. */
  readonly maxBytes: number;
  /** True replaces lone surrogates by U+FFFD: protobuf has no text with one. Default false. */
  readonly wellFormed?: boolean;
}

/** Why a value was refused. */
export interface RefusedJson {
  readonly refused: 'not_json' | 'too_large';
  /** With the path: `metadata.customer.since is a Date, …`. */
  readonly why: string;
  /** What a getter or a proxy threw. */
  readonly cause?: unknown;
}

/** A copy, or why there is none. */
export type CopiedJson = { readonly value: JsonValue } | RefusedJson;

type Target = unknown[] | Record<string, unknown>;

/** An object or array that is being copied. */
interface Open {
  readonly source: object;
  readonly target: Target;
  /** The names of an object's members; undefined for an array. */
  readonly names: readonly string[] | undefined;
  readonly length: number;
  next: number;
  /** The member that is being copied. */
  at: string | number | undefined;
}

function pathOf(root: string, open: readonly Open[]): string {
  let path = root;
  for (const { at } of open) {
    if (typeof at === 'number') path += `[${at}]`;
    else if (at !== undefined) path += IDENTIFIER.test(at) ? `.${at}` : `[${JSON.stringify(at.slice(0, 100))}]`;
    if (path.length > MAX_PATH_LENGTH) return `${path.slice(0, MAX_PATH_LENGTH)}…`;
  }
  return path;
}

/** `__proto__` is a name like any other in JSON; assigned, it would be something else. */
function put(target: Target, at: string | number, value: unknown): void {
  if (at === '__proto__') {
    Object.defineProperty(target, at, { value, writable: true, enumerable: true, configurable: true });
  } else (target as Record<string | number, unknown>)[at] = value;
}

/** A loop with a stack of its own, so that no depth is a stack overflow. */
class JsonWalk {
  readonly #rules: JsonRules;
  readonly #open: Open[] = [];
  #bytes = 0;
  #refusal: RefusedJson | undefined;

  constructor(rules: JsonRules) {
    this.#rules = rules;
  }

  get path(): string {
    return pathOf(this.#rules.path, this.#open);
  }

  copy(root: unknown): CopiedJson {
    const value = this.#take(root);
    for (let top = this.#open.at(-1); top !== undefined && this.#refusal === undefined; top = this.#open.at(-1)) {
      if (top.next < top.length) this.#copyNext(top);
      else this.#open.pop();
    }
    // Every value in it was taken from JSON's own.
    return this.#refusal ?? { value: value as JsonValue };
  }

  #copyNext(top: Open): void {
    const index = top.next;
    top.next += 1;
    const name = top.names?.[index];
    top.at = name ?? index;
    const item: unknown = (top.source as Record<string | number, unknown>)[top.at];
    // JSON leaves members out that are undefined; in an array it would put null.
    if (item === undefined && name !== undefined) return;
    this.#bytes += 1;
    if (name !== undefined) this.#bytes += Buffer.byteLength(name) + 3;
    const copied = this.#take(item);
    const at = name !== undefined && this.#rules.wellFormed === true ? name.toWellFormed() : top.at;
    put(top.target, at, copied);
    // What was just opened is copied next, under the member that stands in `at`.
    if (this.#open.at(-1) === top) top.at = undefined;
  }

  #refuse(why: string): undefined {
    this.#refusal ??= { refused: 'not_json', why: `${this.path} ${why}` };
  }

  /** Gives the copy of a value; that of an object or array is filled by the loop. */
  #take(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        this.#count(Buffer.byteLength(value) + 2);
        return this.#rules.wellFormed === true ? value.toWellFormed() : value;
      case 'boolean':
        this.#count(4);
        return value;
      case 'number':
        if (!Number.isFinite(value)) break;
        this.#count(String(value).length);
        return value;
      case 'object':
        if (value === null) {
          this.#count(4);
          return value;
        }
        if (Array.isArray(value)) return this.#enter(value, undefined);
        if (isPlainObject(value)) return this.#enterObject(value);
        break;
      default:
        break;
    }
    const { name, hint } = kindOf(value);
    return this.#refuse(`is ${name}, which JSON cannot hold.${hint === undefined ? '' : ` ${hint}`}`);
  }

  #enterObject(value: object): unknown {
    if (Object.getOwnPropertySymbols(value).length > 0) return this.#refuse('has a symbol as a key; JSON has texts.');
    return this.#enter(value, Object.keys(value));
  }

  #enter(source: object, names: readonly string[] | undefined): unknown {
    if (this.#open.some((one) => one.source === source)) {
      return this.#refuse('is in a circle: it holds itself, and JSON would never end.');
    }
    if (this.#open.length >= MAX_JSON_DEPTH) return this.#refuse(`is nested deeper than ${MAX_JSON_DEPTH} levels.`);
    this.#count(2);
    const target: Target = names === undefined ? [] : {};
    const length = names === undefined ? (source as readonly unknown[]).length : names.length;
    this.#open.push({ source, target, names, length, next: 0, at: undefined });
    return target;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    const { path, maxBytes } = this.#rules;
    if (this.#bytes > maxBytes) {
      this.#refusal ??= { refused: 'too_large', why: `${path} is larger than ${maxBytes} bytes.` };
    }
  }
}

/**
 * Copies a value that is to be JSON. Throws nothing: what a getter or a proxy throws is the `cause` of a refusal. Members
 * that are undefined are left out.
 */
export function copyJson(value: unknown, rules: JsonRules): CopiedJson {
  const walk = new JsonWalk(rules);
  try {
    return walk.copy(value);
  } catch (cause) {
    return { refused: 'not_json', why: `${walk.path} threw when it was read; see cause.`, cause };
  }
}
