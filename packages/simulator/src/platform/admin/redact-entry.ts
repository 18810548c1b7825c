// A journal entry that may be shown: without what proves who somebody is, whether the platform knows the secret or not.
import type { JournalEntry } from '../http/journal.ts';
import type { SecretBook } from '../secret-book.ts';

const SECRET_HEADERS = new Set(['authorization', 'cookie']);
const SECRET_FIELDS = new Set([
  'access_token',
  'client_secret',
  'clientSecret',
  'code',
  'code_verifier',
  'consent',
  'device_code',
  'refresh_token',
  'secret',
]);
const MASK = '[secret]';

type Fields = Readonly<Record<string, string>>;

function mask(fields: Fields, hidden: ReadonlySet<string>, secrets: SecretBook): Fields {
  const entries = Object.entries(fields);
  return Object.fromEntries(entries.map(([name, value]) => [name, hidden.has(name) ? MASK : secrets.redact(value)]));
}

function maskJson(value: unknown, secrets: SecretBook): unknown {
  if (typeof value === 'string') return secrets.redact(value);
  if (Array.isArray(value)) return value.map((item) => maskJson(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, SECRET_FIELDS.has(name) ? MASK : maskJson(item, secrets)]),
  );
}

/** The entry without secrets. The body is left out: what could be read of it stands in `form` and `json`. */
export function redactEntry(entry: JournalEntry, secrets: SecretBook): Record<string, unknown> {
  const { body: _body, form, json, path, query, headers, ...rest } = entry;
  return {
    ...rest,
    path: secrets.redact(path),
    query: mask(query, SECRET_FIELDS, secrets),
    headers: mask(headers, SECRET_HEADERS, secrets),
    ...(form === undefined ? {} : { form: mask(form, SECRET_FIELDS, secrets) }),
    ...(json === undefined ? {} : { json: maskJson(json, secrets) }),
  };
}
