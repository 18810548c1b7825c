// What a client may write into a webhook: the resources and events that the platform has, and the filters of each.
import { HttpError } from '../http/http-error.ts';

interface Resource {
  readonly events: readonly string[];
  readonly filters: readonly string[];
}

const RESOURCES: Readonly<Record<string, Resource>> = {
  serviceApp: {
    events: ['authorized', 'deauthorized'],
    filters: ['id', 'friendlyName', 'trainSiteNames', 'adminTrainSiteNames'],
  },
  dataSources: { events: ['created', 'updated', 'deleted'], filters: ['id', 'schemaId', 'appId', 'orgId'] },
};

type Body = Readonly<Record<string, unknown>>;

/** A text that must be there. Throws 400. */
export function requiredText(body: Body, name: string): string {
  const value = optionalText(body, name);
  if (value === undefined || value.trim() === '') throw new HttpError(400, `${name} is missing.`);
  return value;
}

/** A text that may be there. Throws 400 for anything else. */
export function optionalText(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new HttpError(400, `${name} must be a text.`);
  return value;
}

/** Where deliveries go. Throws 400 for anything but an absolute URL of http or https. */
export function readTargetUrl(body: Body): string {
  const value = requiredText(body, 'targetUrl');
  const protocol = URL.canParse(value) ? new URL(value).protocol : '';
  if (!['http:', 'https:'].includes(protocol)) throw new HttpError(400, 'targetUrl must be a URL of http or https.');
  return value;
}

/** Resource, event and filter, which must go together. Throws 400. */
export function readSubscription(body: Body): {
  readonly resource: string;
  readonly event: string;
  readonly filter?: string;
} {
  const resource = requiredText(body, 'resource');
  const event = requiredText(body, 'event');
  const filter = optionalText(body, 'filter');
  const known = Object.hasOwn(RESOURCES, resource) ? RESOURCES[resource] : undefined;
  if (known === undefined) throw new HttpError(400, `resource must be ${Object.keys(RESOURCES).join(' or ')}.`);
  if (!known.events.includes(event)) {
    throw new HttpError(400, `event must be ${known.events.join(' or ')} for the resource ${resource}.`);
  }
  if (filter === undefined || filter === '') return { resource, event };
  for (const [name, value] of readFilter(filter)) {
    if (!known.filters.includes(name) || value === '') {
      throw new HttpError(400, `filter must be made of ${known.filters.join(', ')}, each with a value.`);
    }
  }
  return { resource, event, filter };
}

/** The conditions of a filter: `name=value`, joined by `&`. */
export function readFilter(filter: string): readonly (readonly [name: string, value: string])[] {
  return filter.split('&').map((condition) => {
    const split = condition.indexOf('=');
    return split < 0 ? ([condition, ''] as const) : ([condition.slice(0, split), condition.slice(split + 1)] as const);
  });
}
