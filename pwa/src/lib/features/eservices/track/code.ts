/** What people type on the tracking page, as the server knows it. */

/** Digits of the applicant's phone that go with a code. */
export const DIGITS = 4;

/** "bntp 261122 0001" as read aloud: capitals, one hyphen for every gap. */
export function cleanCode(text: string): string {
  return text
    .trim()
    .toUpperCase()
    .replace(/[\s–—_-]+/g, '-');
}

/** The last four digits, also of a whole number typed by mistake. */
export function cleanDigits(text: string): string {
  return text.replace(/\D/g, '').slice(-DIGITS);
}
