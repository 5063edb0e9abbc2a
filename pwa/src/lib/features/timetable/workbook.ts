/** Workbooks of whole timetables: up, and the template down. Refusals arrive as they do from /graphql. */
import { Offline } from '#lib/graphql/failure.ts';
import { failureIn } from '#lib/graphql/refusal.ts';

/** A defect of the workbook, where it stands: "TKB!C7". */
export interface Cell {
  cell: string;
  message: string;
}

export type Imported = { timetable: string; entries: number } | { problem: string; cells: Cell[] };

interface Refusal {
  errors?: { message: string }[];
  cells?: Cell[];
}

const HEADERS = { 'x-nhipcau': '1' };
export const MOST_MIB = 10;

async function ask(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', ...init });
  } catch {
    throw new Offline();
  }
}

/** What is wrong with single cells; undefined when the whole was refused for another reason. */
export function defectsIn(body: string): Extract<Imported, { cells: Cell[] }> | undefined {
  try {
    const { errors = [], cells = [] } = JSON.parse(body) as Refusal;
    return cells.length > 0 ? { problem: errors[0]?.message ?? '', cells } : undefined;
  } catch {
    return undefined;
  }
}

/** All or nothing: a new draft, or every defect with its cell. @throws ProblemError, Fault or Offline. */
export async function importTimetable(school: string, name: string, startsOn: string, file: File): Promise<Imported> {
  const form = new FormData();
  form.append('file', file, file.name);
  const where = new URLSearchParams({ school, name, starts_on: startsOn });
  const response = await ask(`/timetables?${where}`, { method: 'POST', headers: HEADERS, body: form });
  const body = await response.text();
  if (response.ok) return JSON.parse(body) as Imported;
  const defects = defectsIn(body);
  if (!defects) throw failureIn(body);
  return defects;
}

/** The layout to fill in, with what is published now. @throws ProblemError, Fault or Offline. */
export async function template(school: string): Promise<Blob> {
  const response = await ask(`/timetables/template.xlsx?${new URLSearchParams({ school })}`, { headers: HEADERS });
  if (!response.ok) throw failureIn(await response.text());
  return response.blob();
}

/** Puts a file among the downloads of the device. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
