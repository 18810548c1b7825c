// `byova-sim platform`: prints what a program needs to use the platform, then a line for each thing that happens, until
// it is interrupted.
import { styleText } from 'node:util';
import type { Platform } from '../platform/platform.ts';
import type { PlatformEvent } from '../platform/platform-event.ts';
import type { PlatformOptions } from '../platform/platform-options.ts';
import { startPlatform } from '../platform/start-platform.ts';
import type { TerminalOutput } from './live-timeline.ts';

/** The variables that a program reads, ready to be pasted into a shell. */
export function describeEnvironment(
  { apiUrl, integration, serviceApp, issuers }: Platform,
  more: Readonly<Record<string, string>> = {},
): string {
  const variables = {
    WEBEX_API_URL: apiUrl,
    WEBEX_INTEGRATION_CLIENT_ID: integration.clientId,
    WEBEX_INTEGRATION_CLIENT_SECRET: integration.clientSecret,
    WEBEX_SA_CLIENT_ID: serviceApp.clientId,
    WEBEX_SA_CLIENT_SECRET: serviceApp.clientSecret,
    WEBEX_ISSUERS: Object.values(issuers).join(','),
    ...more,
  };
  // Quoted: a value may be anything, and a shell must read it as a text.
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');
}

/** One line of the log, without its end. */
export function describePlatformEvent(event: PlatformEvent): string {
  switch (event.kind) {
    case 'request': {
      const grant = event.grant === undefined ? '' : `  ${event.grant}`;
      return `${event.method} ${event.path}  ${event.status ?? 'no answer'}${grant}`;
    }
    case 'delivery':
      return `-> ${event.target}  ${event.event} ${event.orgId}  ${event.status ?? event.error ?? 'no answer'}`;
    case 'admin':
      return `-- organization ${event.orgId} has ${event.action} the Service App`;
  }
}

/** Runs a platform until the signal is aborted. Control characters from the network never reach the terminal. */
export async function runPlatform(
  options: PlatformOptions,
  { output, signal }: { readonly output: TerminalOutput; readonly signal: AbortSignal },
): Promise<void> {
  const onEvent = (event: PlatformEvent): void => {
    const line = describePlatformEvent(event).replaceAll(/[^\x20-\x7e]/g, '?');
    const failed = event.kind !== 'admin' && (event.status === undefined || event.status >= 400);
    const time = styleText('dim', new Date(event.at).toISOString().slice(11, 23), { stream: output });
    output.write(`${time}  ${failed ? styleText('red', line, { stream: output }) : line}\n`);
  };
  await using platform = await startPlatform({ ...options, onEvent });
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  output.write(`${describeEnvironment(platform)}
# An administrator of a customer authorizes the Service App, with any UUID for the organization:
#   curl -X POST ${platform.url}/_sim/organizations/<uuid>/authorize
# The platform runs until it is interrupted; it keeps nothing.

`);
  await stopped;
}
