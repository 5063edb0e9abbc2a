import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { wrong } from '../src/lib/features/eservices/form/checks.ts';
import { pruned, visible } from '../src/lib/features/eservices/form/conditions.ts';
import type { Answers, Definition } from '../src/lib/features/eservices/form/definition.ts';

interface Case {
  note: string;
  answers: Answers;
  documents: Record<string, number>;
  wrong?: [path: string, code: string][];
  visible?: string[];
  pruned?: Answers;
}

/** The server is held to the same file. */
const vectors = JSON.parse(readFileSync(new URL('../../tests/rules/form_vectors.json', import.meta.url), 'utf8')) as {
  definition: Definition;
  cases: Case[];
};

describe('the rules of a form are those of the server', () => {
  test.each(vectors.cases.map((one) => [one.note, one] as const))('%s', (_, one) => {
    const { definition } = vectors;
    const found = wrong(definition, one.answers, one.documents);
    if (one.wrong) expect(found.map(({ path, code }) => [path, code])).toEqual(one.wrong);
    if (one.visible) expect([...visible(definition, one.answers)].sort()).toEqual(one.visible);
    if (one.pruned) expect(pruned(definition, one.answers)).toEqual(one.pruned);
    const once = pruned(definition, one.answers);
    expect(pruned(definition, once)).toEqual(once);
  });
});
