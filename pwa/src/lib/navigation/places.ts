/** The places of the bottom bar and the side navigation, by role. At most five; the first is always Today. */
import BookOpen from '@lucide/svelte/icons/book-open';
import Bell from '@lucide/svelte/icons/bell';
import House from '@lucide/svelte/icons/house';
import Megaphone from '@lucide/svelte/icons/megaphone';
import School from '@lucide/svelte/icons/school';
import Settings from '@lucide/svelte/icons/settings';
import Table from '@lucide/svelte/icons/table-2';

import { m } from '../i18n/generated/messages.js';
import type { GrantedRole } from '../session/session.svelte.ts';

export const PLACES = {
  today: { path: '/', label: m.nav_today, icon: House },
  learning: { path: '/learning', label: m.nav_learning, icon: BookOpen },
  gradebook: { path: '/gradebook', label: m.nav_gradebook, icon: Table },
  announcements: { path: '/announcements', label: m.nav_announcements, icon: Megaphone },
  school: { path: '/school', label: m.nav_school, icon: School },
  inbox: { path: '/inbox', label: m.nav_inbox, icon: Bell },
  settings: { path: '/settings', label: m.nav_settings, icon: Settings },
} as const;

export type PlaceName = keyof typeof PLACES;
export type Place = (typeof PLACES)[PlaceName];

const FAMILY: PlaceName[] = ['today', 'learning', 'announcements', 'inbox', 'settings'];
const TEACHER: PlaceName[] = ['today', 'gradebook', 'announcements', 'inbox', 'settings'];
const OFFICE: PlaceName[] = ['today', 'school', 'announcements', 'inbox', 'settings'];

export const BY_ROLE: Record<GrantedRole['role'], PlaceName[]> = {
  GUARDIAN: FAMILY,
  STUDENT: FAMILY,
  SUBJECT_TEACHER: TEACHER,
  HOMEROOM_TEACHER: TEACHER,
  HEADTEACHER: OFFICE,
  ACADEMIC_CLERK: OFFICE,
  PROVINCIAL_OFFICER: ['today', 'inbox', 'settings'],
};

/** The places of a role for which there is a page. `paths`: the paths the application has. */
export function placesOf(role: GrantedRole['role'] | undefined, paths: ReadonlySet<string>): Place[] {
  const names: PlaceName[] = role ? BY_ROLE[role] : ['today', 'settings'];
  return names.map((name) => PLACES[name]).filter(({ path }) => paths.has(path));
}

/** Whether `path` lies in the place: a page below it lights the same entry. */
export function within(place: Pick<Place, 'path'>, path: string): boolean {
  return place.path === '/' ? path === '/' : path === place.path || path.startsWith(`${place.path}/`);
}
