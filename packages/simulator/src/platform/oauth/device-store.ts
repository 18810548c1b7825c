// Device authorizations (RFC 8628): a code that the device polls with, a code that a person types, and what the person
// decided. Webex gives them five minutes and asks for two seconds between polls.
import { randomLetters, randomUserCode } from '../random-text.ts';
import type { SecretBook } from '../secret-book.ts';
import type { Client } from './clients.ts';

const LIFETIME_SECONDS = 300;
const INTERVAL_SECONDS = 2;
const SLOWER_SECONDS = 5;
/** Timers fire a little early on some systems; a poll that comes so much too early is not held against the device. */
const TOLERANCE_MS = 100;

/** One device that waits. */
export interface DeviceAuthorization {
  readonly client: Client;
  readonly scopes: readonly string[];
  readonly deviceCode: string;
  readonly userCode: string;
  readonly expiresAt: number;
  decision: 'pending' | 'approved' | 'denied' | 'used';
  intervalSeconds: number;
  polledAt: number;
}

/** What a poll finds. */
export type Poll =
  | 'invalid_grant'
  | 'expired_token'
  | 'access_denied'
  | 'slow_down'
  | 'authorization_pending'
  | DeviceAuthorization;

/** The store. */
export interface DeviceStore {
  create(client: Client, scopes: readonly string[]): DeviceAuthorization;
  /** One poll of the device. An authorization that is handed out counts as used. */
  poll(client: Client, deviceCode: string): Poll;
  /** Notes what the person decided; false when no device waits for this code. */
  decide(userCode: string, decision: 'approved' | 'denied'): boolean;
}

/** How long codes live, in s. */
export const DEVICE_CODE_SECONDS: number = LIFETIME_SECONDS;

/** Makes an empty store. */
export function createDeviceStore({ now, secrets }: { now: () => number; secrets: SecretBook }): DeviceStore {
  const byDeviceCode = new Map<string, DeviceAuthorization>();

  function pending(device: DeviceAuthorization): Poll {
    const wait = device.intervalSeconds * 1000 - TOLERANCE_MS;
    const early = now() - device.polledAt < wait;
    device.polledAt = now();
    if (!early) return 'authorization_pending';
    device.intervalSeconds += SLOWER_SECONDS;
    return 'slow_down';
  }

  return {
    create: (client, scopes) => {
      const device: DeviceAuthorization = {
        client,
        scopes,
        deviceCode: secrets.note(randomLetters(40)),
        userCode: randomUserCode(),
        expiresAt: now() + LIFETIME_SECONDS * 1000,
        decision: 'pending',
        intervalSeconds: INTERVAL_SECONDS,
        polledAt: Number.NEGATIVE_INFINITY,
      };
      byDeviceCode.set(device.deviceCode, device);
      return device;
    },
    poll: (client, deviceCode) => {
      const device = byDeviceCode.get(deviceCode);
      if (device === undefined || device.client !== client || device.decision === 'used') return 'invalid_grant';
      if (device.decision === 'denied') return 'access_denied';
      if (now() >= device.expiresAt) return 'expired_token';
      if (device.decision === 'pending') return pending(device);
      device.decision = 'used';
      return device;
    },
    decide: (userCode, decision) => {
      const wanted = userCode.trim().toUpperCase();
      const device = [...byDeviceCode.values()].find((one) => one.userCode === wanted);
      if (device?.decision !== 'pending' || now() >= device.expiresAt) return false;
      device.decision = decision;
      return true;
    },
  };
}
