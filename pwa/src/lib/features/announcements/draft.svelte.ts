/** A notice while it is being written. It stays on the device; its key makes sending it twice send it once. */
import { dropTyped, keepTyped, keptOf } from '#lib/offline/kept.ts';

export type Kind = 'FAMILIES' | 'GUARDIANS' | 'STUDENTS' | 'STAFF';
export type Scope = 'school' | 'grades' | 'classes';

export interface DraftValues {
  key: string;
  school: string;
  scope: Scope;
  grades: number[];
  classes: string[];
  kinds: Kind[];
  title: string;
  body: string;
  needsAcknowledgement: boolean;
}

/** As long as the server takes them. */
export const TITLE = { shortest: 3, longest: 120 };
export const BODY = { shortest: 3, longest: 5000 };
const TOPIC = 'announcement';
const PAUSE_MS = 500;

export function freshDraft(school: string, wholeSchool: boolean): DraftValues {
  return {
    key: crypto.randomUUID(),
    school,
    scope: wholeSchool ? 'school' : 'classes',
    grades: [],
    classes: [],
    kinds: ['FAMILIES'],
    title: '',
    body: '',
    needsAcknowledgement: false,
  };
}

export class Draft {
  values = $state<DraftValues>(freshDraft('', false));
  restored = $state(false);
  readonly #user: string;
  readonly #wholeSchool: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(user: string, school: string, wholeSchool: boolean) {
    this.#user = user;
    this.#wholeSchool = wholeSchool;
    this.values = freshDraft(school, wholeSchool);
  }

  /** Takes up what was written before, unless it was for another school or for more than one may address here. */
  async restore(): Promise<void> {
    const kept = (await keptOf<DraftValues>(this.#user, TOPIC)).get('new');
    if (!kept || kept.school !== this.values.school) return;
    if (!this.#wholeSchool && kept.scope !== 'classes') return;
    this.values = kept;
    this.restored = kept.title !== '' || kept.body !== '';
  }

  /** Call whenever the values change. */
  keep(): void {
    clearTimeout(this.#timer);
    const values = $state.snapshot(this.values);
    this.#timer = setTimeout(() => void keepTyped(this.#user, TOPIC, 'new', values), PAUSE_MS);
  }

  /** Sent, or thrown away: the next one has a key of its own. */
  async clear(): Promise<void> {
    clearTimeout(this.#timer);
    await dropTyped(this.#user, TOPIC, 'new');
    this.values = freshDraft(this.values.school, this.#wholeSchool);
    this.restored = false;
    clearTimeout(this.#timer);
  }
}
