/** What an office asks to be mended, item by item, in the words of the definition. */
import { m } from '#lib/i18n/generated/messages.js';
import { keyOf } from '#lib/offline/snapshots.ts';
import type { Definition, DocumentDefinition } from '../definition.ts';
import { empty } from '../form/conditions.ts';
import type { Answers, Trouble } from '../form/definition.ts';
import { spoken } from '../words.ts';

export interface Item {
  id: string;
  target: string;
  defect: string;
  note: string;
}

export interface Asked {
  /** Fields of the form that are to be filled in anew. */
  fields: string[];
  documents: DocumentDefinition[];
  lines: { id: string; label: string; defect: string; note: string }[];
}

/** "field:reason", "document:photo", or the bare name. */
function named(definition: Definition, target: string): { kind: 'field' | 'document'; name: string } {
  const [prefix, ...rest] = target.split(':');
  if (rest.length > 0) return { kind: prefix === 'document' ? 'document' : 'field', name: rest.join(':') };
  return { kind: definition.documents.some(({ id }) => id === target) ? 'document' : 'field', name: target };
}

/** Names of fields may go on into repeated groups ("children.1.name"); what is asked anew is the whole field. */
export function asked(definition: Definition, items: readonly Item[]): Asked {
  const fields = new Set<string>();
  const documents = new Map<string, DocumentDefinition>();
  const lines = items.map(({ id, target, defect, note }) => {
    const { kind, name } = named(definition, target);
    if (kind === 'document') {
      const document = definition.documents.find((one) => one.id === name);
      if (document) documents.set(name, document);
      const words = document?.checks.find((check) => check.id === defect)?.words;
      return { id, label: spoken(document?.name) || name, defect: spoken(words), note };
    }
    const field = name.split('.')[0] ?? name;
    fields.add(field);
    // What is wrong with a field is said in the note alone.
    return { id, label: spoken(definition.form.fields[field]?.label) || field, defect: '', note };
  });
  return { fields: [...fields], documents: [...documents.values()], lines };
}

/** Every document asked for wants a new file. */
export function missingIn(documents: readonly Pick<DocumentDefinition, 'id'>[], stored: readonly string[]): Trouble[] {
  return documents
    .filter(({ id }) => !stored.includes(id))
    .map(({ id }) => ({ path: `document:${id}`, message: m.services_supplement_missing() }));
}

/** A field that is sent as it was may be right as it was; whoever only forgot it is asked once. */
export function unchangedIn(fields: readonly string[], before: Answers, now: Answers): Trouble[] {
  return fields
    .filter((field) => !empty(now[field]) && keyOf([before[field]]) === keyOf([now[field]]))
    .map((field) => ({ path: `field:${field}`, message: m.services_supplement_unchanged() }));
}
