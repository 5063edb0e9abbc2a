/** Notifications on this device: whether they can come, whether they do, turning them on and off. */
import { run } from '../graphql/client.ts';
import {
  AddWebPushDevice,
  ConfirmTestPush,
  DevicesQuery,
  PushKeyQuery,
  RemoveDevice,
  SendTestPush,
} from '../graphql/documents/notifications.ts';
import { announce } from '../graphql/live.ts';
import { unsupported } from './platform.ts';
import { deviceLabel, pushTarget } from './subscription.ts';

export type PushState = 'checking' | 'unsupported' | 'blocked' | 'off' | 'on';

/** Chromium without its push service never settles subscribe(). */
const TIME_LIMIT_MS = 15_000;

/** The browser, not our server, failed to set notifications up. */
export class PushFailed extends Error {
  override name = 'PushFailed';
}

function within<Value>(work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new PushFailed('time limit')), TIME_LIMIT_MS);
    work.then(resolve, (error: unknown) => reject(new PushFailed(String(error)))).finally(() => clearTimeout(timer));
  });
}

async function subscribed(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function currentDevice(): Promise<string | undefined> {
  const { devices } = await run(DevicesQuery, {});
  return devices.find(({ current }) => current)?.id;
}

class Push {
  state = $state<PushState>('checking');
  /** The server's name for this device while it is on. */
  device = $state<string>();

  /** Looks without asking the person anything. Without a network the browser's own word counts. */
  async check(): Promise<void> {
    if (unsupported()) {
      this.state = 'unsupported';
    } else if (Notification.permission === 'denied') {
      this.state = 'blocked';
    } else if (!(await subscribed().catch(() => null))) {
      this.state = 'off';
    } else {
      this.device = await currentDevice().catch(() => this.device);
      this.state = this.device ? 'on' : 'off';
    }
  }

  /**
   * Only after a tap: the browser asks for permission.
   * @throws PushFailed, and the failures of run().
   */
  async turnOn(): Promise<void> {
    const permission = await Notification.requestPermission();
    if (permission !== 'granted') {
      this.state = permission === 'denied' ? 'blocked' : 'off';
      return;
    }
    const { pushKey } = await run(PushKeyQuery, {});
    const registration = await within(navigator.serviceWorker.ready);
    const subscription = await within(
      registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: pushKey }),
    );
    const target = { ...pushTarget(subscription), label: deviceLabel(navigator.userAgent) };
    const { addWebPushDevice } = await run(AddWebPushDevice, target);
    this.device = addWebPushDevice.device.id;
    this.state = 'on';
    announce({ kind: 'device', id: this.device });
  }

  /** @throws the failures of run(): what the server still knows would still be rung. */
  async turnOff(): Promise<void> {
    const device = this.device ?? (await currentDevice());
    if (device) await run(RemoveDevice, { id: device });
    await (await subscribed().catch(() => null))?.unsubscribe().catch(() => false);
    this.device = undefined;
    this.state = 'off';
    announce({ kind: 'device', id: device ?? '' });
  }

  async test(): Promise<void> {
    if (this.device) await run(SendTestPush, { device: this.device });
  }

  async confirm(): Promise<void> {
    if (this.device) await run(ConfirmTestPush, { device: this.device });
    announce({ kind: 'device', id: this.device ?? '' });
  }

  /** After signing out: the next person on this phone must not be told about this one's children. */
  async forget(): Promise<void> {
    if (unsupported()) return;
    await (await subscribed().catch(() => null))?.unsubscribe().catch(() => false);
    this.device = undefined;
    this.state = 'checking';
  }
}

export const push = new Push();
