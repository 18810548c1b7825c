// The public types, as a program sees them. What must not compile comes first.
import { expectTypeOf, test } from 'vitest';
import {
  type ClockTimer,
  FileTokenStore,
  HttpClient,
  type IntegrationTokenManager,
  MemoryTokenStore,
  ReauthorizationRequiredError,
  ServiceAppTokenManager,
  type TokenStore,
  type WallClock,
  type WebexError,
} from './index.ts';

declare const integration: IntegrationTokenManager;
declare const serviceApp: ServiceAppTokenManager;

test('must not compile', () => {
  // @ts-expect-error an unknown event
  serviceApp.on('refreshd', () => {});
  // @ts-expect-error an event without that member
  serviceApp.on('minted', ({ token }) => token);
  // @ts-expect-error a store is needed
  new ServiceAppTokenManager({ clientId: 'a', clientSecret: 'b' });
  // @ts-expect-error a misspelt option
  new FileTokenStore({ direktory: '/tmp' });
  // @ts-expect-error a write must say what it expects
  new MemoryTokenStore().set('a', 1, {});
  const store = new MemoryTokenStore();
  // @ts-expect-error the managers' own client has no token source
  new ServiceAppTokenManager({ clientId: 'a', clientSecret: 'b', store, http: { accessToken: async () => '' } });
});

test('a wall clock and a monotonic one are not assignable to each other', () => {
  interface Timers {
    now(): number;
    setTimer(callback: () => void, delayMs: number): ClockTimer;
  }
  expectTypeOf<Timers>().not.toExtend<WallClock>();
  expectTypeOf<Timers & { readonly epoch: 'arbitrary' }>().not.toExtend<WallClock>();
  expectTypeOf<WallClock>().not.toExtend<Timers & { readonly epoch: 'arbitrary' }>();
  const monotonic: Timers = { now: () => performance.now(), setTimer: () => ({ cancel: () => {} }) };
  // @ts-expect-error tokens would end in 1970
  new HttpClient({ clock: monotonic });
  expectTypeOf<Timers & { readonly epoch: 'unix' }>().toExtend<WallClock>();
});

test('events narrow their payload', () => {
  serviceApp.on('minted', (event) => {
    expectTypeOf(event).toEqualTypeOf<{ readonly organization: string; readonly expiresAt: number }>();
  });
  integration.on('signed_out', ({ revoked }) => expectTypeOf(revoked).toEqualTypeOf<boolean>());
});

test('errors narrow by class and by code', () => {
  const error: unknown = undefined;
  if (error instanceof ReauthorizationRequiredError) {
    expectTypeOf(error.code).toEqualTypeOf<'REAUTHORIZATION_REQUIRED'>();
    expectTypeOf(error).toExtend<WebexError>();
  }
});

test('a schema types the answer', async () => {
  const schema = { safeParse: (value: unknown) => ({ success: true as const, data: { id: String(value) } }) };
  const { data } = await new HttpClient().request({ method: 'GET', path: '/x', schema });
  expectTypeOf(data).toEqualTypeOf<{ id: string }>();
  const { data: unchecked } = await new HttpClient().request({ method: 'GET', path: '/x' });
  expectTypeOf(unchecked).toBeUnknown();
});

test('every store is a TokenStore', () => {
  expectTypeOf<FileTokenStore>().toExtend<TokenStore>();
  expectTypeOf<MemoryTokenStore>().toExtend<TokenStore>();
  expectTypeOf(serviceApp.forOrganization('x')).toBeCallableWith({});
});
