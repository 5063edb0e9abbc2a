/** The pages of a draft: those of the form, then the documents, then everything once more. Pure. */
import { visible, visibleDocuments } from '../form/conditions.ts';
import { fieldOf } from '../form/definition.ts';
import type { Answers, Definition, Words } from '../form/definition.ts';

/** The names of a definition's steps begin with a letter: these are nobody's. */
export const DOCUMENTS = '_documents';
export const REVIEW = '_review';

export interface Step {
  id: string;
  /** Of the definition; the last two have the application's own. */
  title?: Words;
  fields: string[];
}

/** Only pages on which something is asked. */
export function stepsOf(definition: Definition, answers: Answers): Step[] {
  const shown = visible(definition, answers);
  const asked = definition.form.steps
    .map(({ id, title, fields }) => ({ id, title, fields: fields.filter((name) => shown.has(name)) }))
    .filter(({ fields }) => fields.length > 0);
  const documents = visibleDocuments(definition, answers).length > 0 ? [{ id: DOCUMENTS, fields: [] }] : [];
  return [...asked, ...documents, { id: REVIEW, fields: [] }];
}

/** On which page a complaint is mended. */
export function stepOf(path: string, steps: readonly Step[]): string | undefined {
  if (path.startsWith('document:')) return steps.find(({ id }) => id === DOCUMENTS)?.id;
  const field = fieldOf(path);
  return field === undefined ? undefined : steps.find(({ fields }) => fields.includes(field))?.id;
}
