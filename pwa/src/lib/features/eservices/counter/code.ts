/** The guardian's code for a transfer: twelve characters, shown and typed in groups of four. */
export const CODE_LENGTH = 12;
const GROUP = 4;

/** What was typed or scanned, without marks between and in capitals; a scanned address is reduced to its last part. */
export function cleanCode(text: string): string {
  const last = text.trim().split(/[/#=]/).at(-1) ?? '';
  return last
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, CODE_LENGTH);
}

/** "ABCD-EFGH-JK…" */
export function groupedCode(code: string): string {
  return (code.match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? []).join('-');
}
