/**
 * Reads the GraphQL documents of the application and names each by the SHA-256 of its text. The server keeps the same
 * list (backend/operations.json) and answers nothing else; the client ships the id and never the text.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { Kind, print, stripIgnoredCharacters } from 'graphql';
import type { DefinitionNode, DocumentNode, OperationDefinitionNode } from 'graphql';

export interface Operation {
  /** The exported name in its file, for the generated module. */
  export: string;
  /** File name below src/lib/graphql/documents. */
  file: string;
  name: string;
  id: string;
  text: string;
}

const NOT_DOCUMENTS = new Set(['graphql.ts', 'graphql-env.d.ts']);

export function isDocumentFile(file: string): boolean {
  return file.endsWith('.ts') && !NOT_DOCUMENTS.has(file);
}

/** The one text of a document: fragments once, no white space, no comments. @throws if two fragments share a name. */
export function canonical(document: DocumentNode): string {
  const fragments = new Map<string, string>();
  const kept: DefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      const text = print(definition);
      const known = fragments.get(definition.name.value);
      if (known === text) continue;
      if (known !== undefined) throw new Error(`two different fragments are called ${definition.name.value}`);
      fragments.set(definition.name.value, text);
    }
    kept.push(definition);
  }
  return stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions: kept }));
}

export function identify(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** A mutation answers `XPayload | Problem`: without `__typename` the client could not tell them apart. */
function refuseUnmarkedMutation(operation: OperationDefinitionNode): void {
  if (operation.operation !== 'mutation') return;
  for (const field of operation.selectionSet.selections) {
    const marked =
      field.kind === Kind.FIELD &&
      field.selectionSet?.selections.some((inner) => inner.kind === Kind.FIELD && inner.name.value === '__typename');
    if (!marked) throw new Error(`mutation ${operation.name?.value}: select __typename on every field`);
  }
}

/** @throws when an operation has no name or two share one, or a file holds something that is no document. */
export async function readOperations(folder: string): Promise<Operation[]> {
  const operations: Operation[] = [];
  const names = new Set<string>();
  for (const file of readdirSync(folder).filter(isDocumentFile).sort()) {
    const exported = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, DocumentNode>;
    for (const [key, document] of Object.entries(exported)) {
      const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
      if (!operation) continue;
      const name = operation.name?.value;
      if (!name || names.has(name)) throw new Error(`${file}: operation "${name ?? ''}" needs a name of its own`);
      names.add(name);
      refuseUnmarkedMutation(operation);
      const text = canonical(document);
      operations.push({ export: key, file, name, id: identify(text), text });
    }
  }
  return operations;
}
