/** A definition as text: where a JSON pointer stands, and where text stops being JSON. */

/** As the editor writes it: two spaces, one value a line. */
export function written(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/**
 * The line, from 1, on which the value of `pointer` begins in text made by written(). What the pointer names but the
 * text does not have is looked for in what holds it.
 */
export function lineOf(value: unknown, pointer: string): number {
  let line = 1;
  let here = value;
  for (const part of pointer.split('/').slice(1).map(unescaped)) {
    if (typeof here !== 'object' || here === null) return line;
    const entries: [string, unknown][] = Array.isArray(here)
      ? here.map((item, at) => [String(at), item])
      : Object.entries(here);
    const place = entries.findIndex(([name]) => name === part);
    if (place < 0) return line;
    line += 1 + entries.slice(0, place).reduce((sum, [, item]) => sum + written(item).split('\n').length, 0);
    here = entries[place]?.[1];
  }
  return line;
}

/** The place of a line in the text, to select it. */
export function spanOf(text: string, line: number): { from: number; to: number } {
  const lines = text.split('\n');
  const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return { from, to: from + (lines[line - 1]?.length ?? 0) };
}

export type Read = { value: Record<string, unknown> } | { line: number };

/** Text as a definition, or the line on which it stops being JSON. */
export function readJson(text: string): Read {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { value: value as Record<string, unknown> }
      : { line: 1 };
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const [, line] = /line (\d+)/.exec(message) ?? [];
    if (line) return { line: Number(line) };
    const [, position] = /position (\d+)/.exec(message) ?? [];
    return { line: position ? text.slice(0, Number(position)).split('\n').length : text.split('\n').length };
  }
}
