/** What the office finds wrong with a dossier: the list to choose from, and the request that comes of it. */
import type { Definition, Words } from '../definition.ts';

/** A reason that is in no list; it needs words of its own. */
export const OTHER = 'OTHER';

export interface Target {
  /** "field:reason" or "document:birth_certificate". */
  path: string;
  name: Words;
  /** Reasons from the definition; a field has none but OTHER. */
  checks: { id: string; words: Words }[];
  /** What was handed in: the number of files, or undefined for a field. */
  files?: number;
}

export interface Tick {
  target: string;
  defect: string;
  note: string;
}

/** Fields and documents that the dossier really has: what was never asked of this citizen cannot be wrong. */
export function targetsOf(
  definition: Definition,
  shown: ReadonlySet<string>,
  asked: readonly string[],
  files: readonly { document: string; replaced: boolean }[],
): { documents: Target[]; fields: Target[] } {
  const count = (id: string): number => files.filter((file) => file.document === id && !file.replaced).length;
  return {
    documents: definition.documents
      .filter(({ id }) => asked.includes(id) || count(id) > 0)
      .map(({ id, name, checks }) => ({ path: `document:${id}`, name, checks: checks ?? [], files: count(id) })),
    fields: definition.form.steps
      .flatMap(({ fields }) => fields)
      .filter((name) => shown.has(name))
      .flatMap((name) => {
        const field = definition.form.fields[name];
        return field ? [{ path: `field:${name}`, name: field.label, checks: [] }] : [];
      }),
  };
}

export const keyOf = (target: string, defect: string): string => `${target} ${defect}`;

/** The ticks in the order of the lists, as the server wants them. `ticked` holds keyOf(); `notes` by the same key. */
export function defectsOf(
  targets: readonly Target[],
  ticked: ReadonlySet<string>,
  notes: Readonly<Record<string, string>>,
): Tick[] {
  return targets.flatMap(({ path, checks }) =>
    [...checks.map(({ id }) => id), OTHER]
      .filter((defect) => ticked.has(keyOf(path, defect)))
      .map((defect) => ({ target: path, defect, note: (notes[keyOf(path, defect)] ?? '').trim() })),
  );
}

/** The keys of ticks that say nothing yet: OTHER without words. */
export function unexplained(defects: readonly Tick[]): string[] {
  return defects
    .filter(({ defect, note }) => defect === OTHER && note === '')
    .map(({ target, defect }) => keyOf(target, defect));
}

/** One line of form 02: what it is about, and everything that is wrong with it. `said` puts words into a language. */
export function linesOf(
  targets: readonly Target[],
  defects: readonly Tick[],
  said: (words: Words) => string,
): { name: string; reasons: string[] }[] {
  return targets.flatMap(({ path, name, checks }) => {
    const mine = defects.filter(({ target }) => target === path);
    if (mine.length === 0) return [];
    const reasons = mine.map(({ defect, note }) => {
      const check = checks.find(({ id }) => id === defect);
      return [check ? said(check.words) : '', note].filter(Boolean).join(': ');
    });
    return [{ name: said(name), reasons }];
  });
}

/** The words of a defect already sent. */
export function defectWords(
  definition: Definition,
  { target, defect, note }: Tick,
  said: (words: Words) => string,
): { name: string; reason: string } {
  const [kind, id = ''] = target.includes(':') ? target.split(':', 2) : ['', target];
  const document = kind === 'field' ? undefined : definition.documents.find((one) => one.id === id);
  const words = document?.name ?? definition.form.fields[id]?.label;
  const check = document?.checks?.find((one) => one.id === defect);
  return {
    name: words ? said(words) : id,
    reason: [check ? said(check.words) : '', note].filter(Boolean).join(': '),
  };
}
