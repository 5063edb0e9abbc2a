/** What a teacher has typed about a lesson and not signed yet; the device keeps it through a closed window. */
import { dropTyped, keepTyped, keptOf } from '#lib/offline/kept.ts';
import type { Log, RemarkKind } from './log.ts';

export interface NewRemark {
  student: string;
  kind: RemarkKind;
  text: string;
}

export interface Written {
  content: string;
  number: string;
  remark: string;
  rating: string;
  remarks: NewRemark[];
}

const TOPIC = 'lesson_log';
const PAUSE_MS = 400;

/** What stands in the register, or an empty form with the likely number. */
export function startOf(log: Log | undefined, next: number | null): Written {
  return {
    content: log?.content ?? '',
    number: String(log?.syllabusNumber ?? next ?? ''),
    remark: log?.remark ?? '',
    rating: log?.rating ?? '',
    remarks: [],
  };
}

export class Draft {
  written = $state<Written>(startOf(undefined, null));
  restored = $state(false);
  #user: string;
  #key: string;
  #start: Written;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(user: string, key: string, start: Written) {
    this.#user = user;
    this.#key = key;
    this.#start = start;
    this.written = structuredClone(start);
  }

  get changed(): boolean {
    return JSON.stringify(this.written) !== JSON.stringify(this.#start);
  }

  async restore(): Promise<void> {
    const before = (await keptOf<Written>(this.#user, TOPIC)).get(this.#key);
    if (!before) return;
    this.written = before;
    this.restored = true;
  }

  /** Call on every change. */
  keep(): void {
    clearTimeout(this.#timer);
    const value = $state.snapshot(this.written);
    const { changed } = this;
    this.#timer = setTimeout(
      () => void (changed ? keepTyped(this.#user, TOPIC, this.#key, value) : dropTyped(this.#user, TOPIC, this.#key)),
      PAUSE_MS,
    );
  }

  async clear(): Promise<void> {
    clearTimeout(this.#timer);
    this.written = structuredClone(this.#start);
    this.restored = false;
    await dropTyped(this.#user, TOPIC, this.#key);
  }
}
