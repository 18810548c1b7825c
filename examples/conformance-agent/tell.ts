// Tells a test what it cannot see from outside: a line of JSON.
import { stdout } from 'node:process';

export function tell(fact: Readonly<Record<string, unknown>>): void {
  stdout.write(`${JSON.stringify(fact)}\n`);
}
