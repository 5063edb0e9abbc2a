import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { standIn } from '../scripts/operations-plugin.ts';
import { canonical, identify } from '../scripts/operations-list.ts';
import type { Operation } from '../scripts/operations-list.ts';
import { ViewerFields, ViewerQuery } from '../src/lib/graphql/documents/identity.ts';

const script = fileURLToPath(new URL('../scripts/operations.ts', import.meta.url));

describe('canonical text', () => {
  it('does not depend on white space or comments', () => {
    const one = canonical(parse('query Who { viewer { id } }'));
    expect(canonical(parse('query Who{viewer{\n  # the person\n  id}}'))).toBe(one);
    expect(identify(one)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('holds a fragment once and refuses two of one name', () => {
    const part = 'fragment Part on Viewer { id }';
    expect(canonical(parse(`{ viewer { ...Part } } ${part} ${part}`))).toBe(
      canonical(parse(`{viewer{...Part}}${part}`)),
    );
    expect(() => canonical(parse(`{ viewer { ...Part } } ${part} fragment Part on Viewer { fullName }`))).toThrow(
      'Part',
    );
  });
});

describe('what the window holds', () => {
  it('is the id of an operation and nothing of a fragment', () => {
    const listed = JSON.parse(execFileSync(process.execPath, [script, '--json'], { encoding: 'utf8' })) as Operation[];
    const viewer = listed.find(({ name }) => name === 'Viewer');
    expect(identify(viewer!.text)).toBe(viewer!.id);
    expect(ViewerQuery as unknown).toEqual({ id: viewer!.id, name: 'Viewer' });
    expect(ViewerFields as unknown).toBeNull();
  });

  it('comes from the names a file exports', () => {
    const source = 'export const A = graphql(`query A { x }`);\nexport const B = graphql(`fragment B on C { x }`);';
    expect(standIn(source, [{ export: 'A', id: '1', name: 'A' }])).toBe(
      'export const A = {"id":"1","name":"A"};\nexport const B = null;',
    );
  });
});
