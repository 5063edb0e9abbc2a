/** How dates, times, marks and names are written. Times are those of Vietnam, wherever the reader is. */

export type Language = 'vi' | 'en';

const ZONE = 'Asia/Ho_Chi_Minh';
const DAY_MS = 86_400_000;
const WEEKDAYS = {
  vi: ['Chủ Nhật', 'thứ Hai', 'thứ Ba', 'thứ Tư', 'thứ Năm', 'thứ Sáu', 'thứ Bảy'],
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
} as const;
const NEAR = {
  vi: { '-1': 'hôm qua', '0': 'hôm nay', '1': 'ngày mai' },
  en: { '-1': 'yesterday', '0': 'today', '1': 'tomorrow' },
} as const;

const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

interface Moment {
  year: string;
  month: string;
  day: string;
  hour: string;
  minute: string;
}

function inVietnam(value: Date | string): Moment {
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) {
    const [year, month, day] = value.split('-') as [string, string, string];
    return { year, month, day, hour: '00', minute: '00' };
  }
  return Object.fromEntries(
    parts.formatToParts(new Date(value)).map(({ type, value: text }) => [type, text]),
  ) as unknown as Moment;
}

/** Days since 1970 of the calendar day in Vietnam. */
function dayNumber({ year, month, day }: Moment): number {
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / DAY_MS;
}

/** "thứ Hai, 23/11/2026". Takes a Date, a DateTime or a calendar day "2026-11-23". */
export function longDate(value: Date | string, language: Language): string {
  const moment = inVietnam(value);
  const weekday = WEEKDAYS[language][(((dayNumber(moment) + 4) % 7) + 7) % 7];
  return `${weekday}, ${moment.day}/${moment.month}/${moment.year}`;
}

/** "23/11/2026". */
export function shortDate(value: Date | string): string {
  const { day, month, year } = inVietnam(value);
  return `${day}/${month}/${year}`;
}

/** Yesterday, today and tomorrow as words, any other day as a long date. */
export function nearDate(value: Date | string, now: Date, language: Language): string {
  const distance = String(dayNumber(inVietnam(value)) - dayNumber(inVietnam(now)));
  return NEAR[language][distance as '-1' | '0' | '1'] ?? longDate(value, language);
}

/** Yesterday, today and tomorrow as words, any other day as "23/11/2026": for the narrow second line of a row. */
export function shortDay(value: Date | string, now: Date, language: Language): string {
  const distance = String(dayNumber(inVietnam(value)) - dayNumber(inVietnam(now)));
  return NEAR[language][distance as '-1' | '0' | '1'] ?? shortDate(value);
}

/** "17:05". */
export function time(value: Date | string): string {
  const { hour, minute } = inVietnam(value);
  return `${hour}:${minute}`;
}

/** "17:05" for a moment of today, "hôm qua 17:05" or "thứ Hai, 23/11/2026 17:05" for others. */
export function nearTime(value: Date | string, now: Date, language: Language): string {
  const today = dayNumber(inVietnam(value)) === dayNumber(inVietnam(now));
  return today ? time(value) : `${nearDate(value, now, language)} ${time(value)}`;
}

/** A mark arrives as "8.5" and is written "8,5" in Vietnamese; "10.0" is written "10,0". */
export function mark(value: string, language: Language): string {
  return language === 'vi' ? value.replace('.', ',') : value;
}

/** "Nguyễn Thị Lan" → "Lan": the given name stands last. */
export function givenName(fullName: string): string {
  return fullName.trim().split(/\s+/).at(-1) ?? '';
}

/** First letter to upper case, for a sentence that begins with a weekday. */
export function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase('vi') + text.slice(1);
}

/** "+84912345678" as people write it: "0912 345 678". */
export function phone(value: string): string {
  return value.replace(/^\+84/, '0').replace(/^(\d{4})(\d{3})(\d{3})$/, '$1 $2 $3');
}
