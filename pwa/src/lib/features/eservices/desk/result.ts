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

type Part = keyof Prepared | 'note';

/** What each effect cannot do without. */
const WANTED: Partial<Record<Effect, readonly Part[]>> = {
  TRANSFER: ['classGroup'],
  REGISTER_COPY: ['diploma'],
  DIPLOMA_CORRECTION: ['diploma', 'changes', 'decisionNumber'],
  DATA_CORRECTION: ['apply'],
  ANSWER: ['note'],
};

/** What is still missing, by the name of its field; empty when the dossier can be completed. */
export function missing(effect: Effect | null, prepared: Prepared, note: string): Set<Part> {
  const given: Record<Part, string> = {
    classGroup: prepared.classGroup ?? '',
    diploma: prepared.diploma ?? '',
    changes: Object.values(prepared.changes ?? {}).join(''),
    decisionNumber: prepared.decisionNumber ?? '',
    apply: (prepared.apply ?? []).join(),
    note,
  };
  return new Set(((effect && WANTED[effect]) ?? []).filter((part) => given[part].trim() === ''));
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
