/** What the result of a dossier needs besides the decision, by what it changes in the registers. */
import type { Definition, Effect } from '../definition.ts';

export interface Prepared {
  classGroup?: string;
  diploma?: string;
  changes?: Record<string, string>;
  decisionNumber?: string;
  apply?: string[];
}

/** The columns of a diploma that can be put right. */
export const CORRECTABLE = ['fullName', 'birthDate', 'birthplace', 'ethnicity', 'sex'] as const;

/** What is still missing, by the name of its field; empty when the dossier can be completed. */
export function missing(effect: Effect | null, prepared: Prepared, note: string): Set<keyof Prepared | 'note'> {
  const wanted = new Set<keyof Prepared | 'note'>();
  if (effect === 'TRANSFER' && !prepared.classGroup) wanted.add('classGroup');
  if ((effect === 'REGISTER_COPY' || effect === 'DIPLOMA_CORRECTION') && !prepared.diploma) wanted.add('diploma');
  if (effect === 'DIPLOMA_CORRECTION') {
    if (Object.values(prepared.changes ?? {}).every((value) => value.trim() === '')) wanted.add('changes');
    if (!prepared.decisionNumber?.trim()) wanted.add('decisionNumber');
  }
  if (effect === 'DATA_CORRECTION' && (prepared.apply ?? []).length === 0) wanted.add('apply');
  if (effect === 'ANSWER' && note.trim() === '') wanted.add('note');
  return wanted;
}

/** Only what the effect reads goes to the server; null when it reads nothing. */
export function resultData(effect: Effect | null, prepared: Prepared): Record<string, unknown> | null {
  switch (effect) {
    case 'TRANSFER':
      return prepared.classGroup ? { classGroup: prepared.classGroup } : null;
    case 'REGISTER_COPY':
      return prepared.diploma ? { diploma: prepared.diploma } : null;
    case 'DIPLOMA_CORRECTION': {
      const changes = Object.fromEntries(
        Object.entries(prepared.changes ?? {}).flatMap(([field, value]) =>
          value.trim() ? [[field, value.trim()]] : [],
        ),
      );
      return {
        ...(prepared.diploma ? { diploma: prepared.diploma } : {}),
        changes,
        decisionNumber: prepared.decisionNumber?.trim() ?? '',
      };
    }
    case 'DATA_CORRECTION':
      return { apply: prepared.apply ?? [] };
    default:
      return null;
  }
}

/** The fields of the form that claim another value of the register, in the form's order. */
export function claimed(definition: Definition, answers: Readonly<Record<string, unknown>>): string[] {
  return definition.form.steps
    .flatMap(({ fields }) => fields)
    .filter((name) => /^right[A-Z]/.test(name) && answers[name] !== undefined && answers[name] !== '');
}
