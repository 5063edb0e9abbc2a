import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { Definition } from '../src/lib/features/eservices/definition.ts';
import {
  addField,
  freeName,
  KINDS,
  kindOf,
  mistakeAt,
  mistakesIn,
  removeField,
  renameField,
  setRequired,
  shift,
  tabOf,
} from '../src/lib/features/eservices/procedures/editing.ts';
import { lineOf, readJson, spanOf, written } from '../src/lib/features/eservices/procedures/json.ts';

const shipped = new URL('../../backend/eservices/procedures/', import.meta.url);
const definitions = readdirSync(shipped)
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name, readFileSync(new URL(name, shipped), 'utf8')] as const);
const read = (text: string): Definition => JSON.parse(text) as Definition;
const withForm = definitions.filter(([, text]) => !read(text).opens);

describe('fields', () => {
  it.each(withForm)('come and go in %s', (_, text) => {
    const definition = read(text);
    const before = written(definition.form.steps);
    const names = KINDS.map((kind) => [kind, addField(definition, 0, kind)] as const);
    for (const [kind, name] of names) {
      const property = definition.form.schema.properties[name];
      const field = definition.form.fields[name];
      expect(property && field && kindOf(property, field)).toBe(kind);
      setRequired(definition, name, true);
      expect(definition.form.schema.required).toContain(name);
    }
    for (const [, name] of names) removeField(definition, name);
    expect(written(definition.form.steps)).toBe(before);
    expect(definition.form.schema.required ?? []).not.toContain(names[0]?.[1]);
  });

  it.each(withForm)('are renamed wherever they stand in %s, and back', (_, text) => {
    for (const name of Object.keys(read(text).form.schema.properties)) {
      const definition = read(text);
      expect(renameField(definition, name, 'renamedField')).toBe(true);
      expect(written(definition)).not.toMatch(new RegExp(`"(field|less_than_field)": "${name}"`));
      expect(renameField(definition, 'renamedField', name)).toBe(true);
      expect(definition).toEqual(read(text));
    }
  });

  it('take no name that is taken or malformed', () => {
    const [, text = '{}'] = withForm[0] ?? [];
    const definition = read(text);
    const [one = '', other = ''] = Object.keys(definition.form.schema.properties);
    expect(renameField(definition, one, other)).toBe(false);
    expect(renameField(definition, one, 'Với dấu')).toBe(false);
    expect(freeName(['field2', 'x'], 'field')).toBe('field3');
  });

  it('move within their list', () => {
    const list = ['a', 'b', 'c'];
    shift(list, 0, -1);
    shift(list, 1, 1);
    expect(list).toEqual(['a', 'c', 'b']);
  });
});

describe('mistakes', () => {
  const mistakes = [
    { path: '/form/fields/reason/label/en', message: 'one' },
    { path: '/form/fields/reasons', message: 'two' },
  ];

  it('are found at a place and inside it, not beside it', () => {
    expect(mistakeAt(mistakes, '/form/fields/reason/label/en')).toBe('one');
    expect(mistakesIn(mistakes, '/form/fields/reason')).toHaveLength(1);
  });

  it('lead to the tab where they are put right', () => {
    const paths = ['/name/en', '/form/schema', '/documents/0/id', '/term/0', '/supplement_days', ''];
    expect(paths.map(tabOf)).toEqual(['words', 'form', 'documents', 'handling', 'handling', 'json']);
  });
});

describe('the text', () => {
  /** Every pointer of a value with the value at it. */
  function* pointers(value: unknown, path = ''): Generator<[string, unknown]> {
    yield [path, value];
    if (typeof value !== 'object' || value === null) return;
    for (const [name, item] of Object.entries(value))
      yield* pointers(item, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }

  it.each(definitions)('leads every pointer of %s to its line', (_, text) => {
    const value: unknown = JSON.parse(text);
    const lines = written(value).split('\n');
    for (const [pointer, item] of pointers(value)) {
      const line = lines[lineOf(value, pointer) - 1]?.trim() ?? '';
      const name = pointer.split('/').at(-1) ?? '';
      const begins = written(item).split('\n')[0] ?? '';
      expect(line.replace(/,$/, '').endsWith(begins)).toBe(true);
      if (pointer && !/^\d+$/.test(name)) expect(line.startsWith(`"${name}":`)).toBe(true);
    }
  });

  it('leads to what holds a place that is not there', () => {
    expect(lineOf({ a: { b: 1 } }, '/a/missing')).toBe(2);
    expect(spanOf('ab\ncd\ne', 2)).toEqual({ from: 3, to: 5 });
  });

  it('says on which line it stops being JSON', () => {
    expect(readJson('{"a": 1}')).toEqual({ value: { a: 1 } });
    expect(readJson('[1]')).toEqual({ line: 1 });
    expect(readJson('{\n  "a": 1,\n  oops\n}')).toEqual({ line: 3 });
  });
});
