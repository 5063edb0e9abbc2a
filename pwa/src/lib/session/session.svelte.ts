/** Who is signed in, in which role, looking at which child. One object for the whole application. */
import { identityOf, run } from '../graphql/client.ts';
import { ViewerQuery } from '../graphql/documents/identity.ts';
import type { MyStudentsQuery, ViewerFields } from '../graphql/documents/identity.ts';
import type { ResultOf } from '../graphql/documents/graphql.ts';
import { clock } from '../graphql/read.ts';
import { keep, wipe } from '../offline/snapshots.ts';
import { applyAppearance } from './appearance.ts';
import { choose } from './choice.ts';
import { rememberUser, rememberedUser } from './remembered.ts';

export type Viewer = ResultOf<typeof ViewerFields>;
export type GrantedRole = Viewer['roles'][number];
export type Child = ResultOf<typeof MyStudentsQuery>['myStudents'][number];

const ROLE_KEY = 'nhipcau.role';
const CHILD_KEY = 'nhipcau.child';
/** Written by the screen of marks, one key a child. */
export const SEEN_KEY = 'nhipcau.marks.';

/** One grant among several; a person may be a teacher at two schools. */
export function roleKey(granted: GrantedRole): string {
  return `${granted.role}:${granted.school?.id ?? ''}`;
}

export function isFamily({ role }: Pick<GrantedRole, 'role'>): boolean {
  return role === 'GUARDIAN' || role === 'STUDENT';
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The choice then lasts as long as the window.
  }
}

/** What is about the person: the chosen role and child, when whose marks were last seen. Not how the screen looks. */
function unstore(): void {
  try {
    for (const key of Object.keys(localStorage))
      if (key === ROLE_KEY || key === CHILD_KEY || key.startsWith(SEEN_KEY)) localStorage.removeItem(key);
  } catch {
    // Without storage there is nothing to remove.
  }
}

class Session {
  viewer = $state.raw<Viewer | null>(null);
  /** One's children, or oneself as a pupil; empty until they are read, and for staff without children. */
  students = $state.raw<Child[]>([]);
  #role = $state<string | null>(stored(ROLE_KEY));
  #child = $state<string | null>(stored(CHILD_KEY));

  readonly role: GrantedRole | undefined = $derived(choose(this.viewer?.roles ?? [], this.#role, roleKey));
  readonly child: Child | undefined = $derived(choose(this.students, this.#child, (student) => student.id));

  /** Takes over what the server says. Another person than last time: everything kept on the device goes first. */
  async accept(viewer: Viewer): Promise<void> {
    const before = rememberedUser();
    if (before !== null && before !== viewer.id) await wipe();
    rememberUser(viewer.id);
    // The first answer came before anyone was known here, so query() could not keep it; without it a start offline fails.
    if (before !== viewer.id) await keep(viewer.id, identityOf(ViewerQuery).id, {}, { data: { viewer }, at: clock() });
    applyAppearance(viewer);
    this.viewer = viewer;
  }

  /** Signed in, as the server sees it now. @throws the failures of run(). */
  async refresh(): Promise<Viewer | null> {
    const { viewer } = await run(ViewerQuery, {});
    if (viewer) await this.accept(viewer);
    else await this.forget();
    return viewer;
  }

  /** Whether there is a family side to this person, whatever role is chosen now. */
  readonly hasFamily: boolean = $derived(this.viewer?.roles.some(isFamily) ?? false);

  /** Then an announcement is known by its school rather than by who wrote it. */
  readonly severalSchools: boolean = $derived(new Set(this.students.map(({ school }) => school.id)).size > 1);

  chooseRole(granted: GrantedRole): void {
    this.#role = roleKey(granted);
    store(ROLE_KEY, this.#role);
  }

  /** Looking at a child is looking as its family: a teacher leaves the teacher's role. */
  chooseChild(student: Child): void {
    const family = this.viewer?.roles.find(isFamily);
    if (family && !(this.role && isFamily(this.role))) this.chooseRole(family);
    this.#child = student.id;
    store(CHILD_KEY, student.id);
  }

  /** Nothing of the person stays on this device. Ending the session on the server is leave.ts. */
  async forget(): Promise<void> {
    await wipe();
    rememberUser(null);
    unstore();
    this.#role = this.#child = null;
    this.students = [];
    this.viewer = null;
  }
}

export const session = new Session();
