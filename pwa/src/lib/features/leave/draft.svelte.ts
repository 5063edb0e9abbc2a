/** A request for leave while it is being written: kept on the phone, so that it survives a lost network or a call. */
import type { Span } from '#lib/i18n/attendance.ts';
import { dropTyped, keepTyped, keptOf } from '#lib/offline/kept.ts';
import type { Photo } from './photos.ts';
import { spanOf, usual } from './spans.ts';
import type { Today, When } from './spans.ts';

export type Reason = 'SICK' | 'FAMILY' | 'OTHER';

export interface LeaveValues {
  when: When;
  other: Span;
  reason: Reason | '';
  detail: string;
}

interface Kept extends LeaveValues {
  /** The day it was written: "tomorrow" of another day is not meant any more. */
  on: string;
  photos: Photo[];
}

/** As long as the server takes it. */
export const LONGEST_DETAIL = 500;
const TOPIC = 'leave';
const PAUSE_MS = 400;

function fresh(today: Today): LeaveValues {
  const when = usual(today);
  const span = spanOf(when, today, { startsOn: '', startsSession: 'MORNING', endsOn: '', endsSession: 'AFTERNOON' });
  return { when, other: { ...span, endsSession: 'AFTERNOON' }, reason: '', detail: '' };
}

export class LeaveDraft {
  values = $state<LeaveValues>({
    when: 'MORNING',
    other: { startsOn: '', startsSession: 'MORNING', endsOn: '', endsSession: 'AFTERNOON' },
    reason: '',
    detail: '',
  });
  photos = $state.raw<Photo[]>([]);
  restored = $state(false);
  readonly #user: string;
  readonly #student: string;
  readonly #today: Today;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(user: string, student: string, today: Today) {
    this.#user = user;
    this.#student = student;
    this.#today = today;
    this.values = fresh(today);
  }

  /** Takes up what was written before for this child. */
  async restore(): Promise<void> {
    const kept = (await keptOf<Kept>(this.#user, TOPIC)).get(this.#student);
    if (!kept) return;
    const { on, photos, ...values } = kept;
    const now = fresh(this.#today);
    const passed = on !== this.#today.day;
    this.values = passed && values.when !== 'OTHER' ? { ...values, when: now.when, other: now.other } : values;
    this.photos = photos;
    this.restored = true;
  }

  /** Call whenever the values or the photos change. Only what was typed or taken is worth keeping. */
  keep(): void {
    clearTimeout(this.#timer);
    const { photos } = this;
    const values = $state.snapshot(this.values);
    const typed = values.detail.trim() !== '' || values.reason !== '' || photos.length > 0;
    this.#timer = setTimeout(() => {
      if (typed) void keepTyped(this.#user, TOPIC, this.#student, { ...values, photos, on: this.#today.day });
      else void dropTyped(this.#user, TOPIC, this.#student);
    }, PAUSE_MS);
  }

  /** Sent, or thrown away. */
  async clear(): Promise<void> {
    clearTimeout(this.#timer);
    this.values = fresh(this.#today);
    this.photos = [];
    this.restored = false;
    await dropTyped(this.#user, TOPIC, this.#student);
  }
}
