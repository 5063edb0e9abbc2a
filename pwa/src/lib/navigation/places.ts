/** The places of the bottom bar and the side navigation, by role. At most five; the first is always Today. */
import BookOpen from '@lucide/svelte/icons/book-open';
import Bell from '@lucide/svelte/icons/bell';
import CalendarCog from '@lucide/svelte/icons/calendar-cog';
import CalendarDays from '@lucide/svelte/icons/calendar-days';
import ChartNoAxesColumn from '@lucide/svelte/icons/chart-no-axes-column';
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import DoorOpen from '@lucide/svelte/icons/door-open';
import FileUp from '@lucide/svelte/icons/file-up';
import House from '@lucide/svelte/icons/house';
import IdCard from '@lucide/svelte/icons/id-card';
import Inbox from '@lucide/svelte/icons/inbox';
import Megaphone from '@lucide/svelte/icons/megaphone';
import NotebookPen from '@lucide/svelte/icons/notebook-pen';
import School from '@lucide/svelte/icons/school';
import Search from '@lucide/svelte/icons/search';
import Settings from '@lucide/svelte/icons/settings';
import Table from '@lucide/svelte/icons/table-2';

import { m } from '../i18n/generated/messages.js';
import type { GrantedRole } from '../session/session.svelte.ts';

export const PLACES = {
  today: { path: '/', label: m.nav_today, icon: House },
  learning: { path: '/learning', label: m.nav_learning, icon: BookOpen },
  calendar: { path: '/timetable', label: m.nav_calendar, icon: CalendarDays },
  leave: { path: '/leave', label: m.nav_leave, icon: DoorOpen },
  attendance: { path: '/attendance', label: m.nav_attendance, icon: ClipboardCheck },
  gradebook: { path: '/gradebook', label: m.nav_gradebook, icon: Table },
  announcements: { path: '/announcements', label: m.nav_announcements, icon: Megaphone },
  school: { path: '/school', label: m.nav_school, icon: School },
  timetable: { path: '/timetable', label: m.nav_timetable, icon: CalendarDays },
  lessonLog: { path: '/lesson-log', label: m.nav_lesson_log, icon: NotebookPen },
  year: { path: '/school/calendar', label: m.nav_year, icon: CalendarCog },
  desk: { path: '/desk', label: m.nav_desk, icon: Inbox },
  board: { path: '/desk/board', label: m.nav_board, icon: ChartNoAxesColumn },
  services: { path: '/services', label: m.nav_services, icon: FileUp },
  dossiers: { path: '/services/dossiers', label: m.nav_dossiers, icon: ClipboardCheck },
  track: { path: '/track', label: m.nav_track, icon: Search },
  signIn: { path: '/sign-in', label: m.action_sign_in, icon: IdCard },
  inbox: { path: '/inbox', label: m.nav_inbox, icon: Bell },
  settings: { path: '/settings', label: m.nav_settings, icon: Settings },
} as const;

export type PlaceName = keyof typeof PLACES;
export type Place = (typeof PLACES)[PlaceName];

/** `bar`: what the thumb reaches. `more`: in the menu behind the picture, and below the bar's places on a wide screen. */
interface Reach {
  bar: PlaceName[];
  more: PlaceName[];
}

const FAMILY: Reach = {
  bar: ['today', 'learning', 'calendar', 'services', 'inbox'],
  more: ['announcements', 'leave', 'settings'],
};
const TEACHER: Reach = {
  bar: ['today', 'attendance', 'gradebook', 'announcements', 'inbox'],
  more: ['timetable', 'lessonLog', 'services', 'settings'],
};
const OFFICE: Reach = {
  bar: ['today', 'desk', 'school', 'announcements', 'inbox'],
  more: ['calendar', 'lessonLog', 'services', 'settings'],
};

export const BY_ROLE: Record<GrantedRole['role'], Reach> = {
  GUARDIAN: FAMILY,
  STUDENT: FAMILY,
  SUBJECT_TEACHER: TEACHER,
  HOMEROOM_TEACHER: TEACHER,
  HEADTEACHER: OFFICE,
  ACADEMIC_CLERK: OFFICE,
  PROVINCIAL_OFFICER: { bar: ['today', 'board', 'year', 'inbox'], more: ['services', 'settings'] },
};
/** Somebody without a child at a school and without work at one. */
const CITIZEN: Reach = { bar: ['services', 'dossiers', 'track', 'inbox'], more: ['settings'] };
/** Nobody has signed in. */
const GUEST: Reach = { bar: ['services', 'track', 'signIn'], more: [] };

/** The places of a role for which there is a page. `paths`: the paths the application has. */
export function placesOf(
  role: GrantedRole['role'] | 'GUEST' | undefined,
  paths: ReadonlySet<string>,
): { bar: Place[]; more: Place[] } {
  const { bar, more } = role === 'GUEST' ? GUEST : role ? BY_ROLE[role] : CITIZEN;
  const found = (names: PlaceName[]): Place[] =>
    names.map((name): Place => PLACES[name]).filter(({ path }) => paths.has(path));
  return { bar: found(bar), more: found(more) };
}

/** The place in which `path` lies: a page below it lights the same entry, one place below another only itself. */
export function placeOf<Known extends { path: string }>(places: readonly Known[], path: string): Known | undefined {
  return places
    .filter((place) => path === place.path || (place.path !== '/' && path.startsWith(`${place.path}/`)))
    .reduce<Known | undefined>(
      (best, place) => (best && best.path.length >= place.path.length ? best : place),
      undefined,
    );
}
