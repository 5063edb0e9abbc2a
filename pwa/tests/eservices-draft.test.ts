import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { obstacleOf, pauseAfter } from '../src/lib/features/eservices/draft/busy.ts';
import { whichCopy } from '../src/lib/features/eservices/draft/merge.ts';
import type { Kept } from '../src/lib/features/eservices/draft/merge.ts';
import { DOCUMENTS, REVIEW, stepOf, stepsOf } from '../src/lib/features/eservices/draft/steps.ts';
import { rowNames, widgetOf } from '../src/lib/features/eservices/form/definition.ts';
import type { Definition } from '../src/lib/features/eservices/form/definition.ts';
import { isLocked, said, withBoxes, withPrefilled } from '../src/lib/features/eservices/form/prefill.ts';
import {
  dayOf,
  dayTyped,
  numberOf,
  numberTyped,
  valueWords,
  withStrokes,
} from '../src/lib/features/eservices/form/values.ts';
import { placeWords } from '../src/lib/features/eservices/form/words.ts';
import { Fault, Offline, ProblemError } from '../src/lib/graphql/failure.ts';

const { definition } = JSON.parse(
  readFileSync(new URL('../../tests/rules/form_vectors.json', import.meta.url), 'utf8'),
) as { definition: Definition };

describe('two devices', () => {
  const base = { answers: { who: 'Tôi' }, disputes: {}, at: 3 };
  const kept: Kept = { answers: { who: 'Mẹ' }, disputes: {}, base, dirty: true, filing: false };
  const server = { answers: { who: 'Tôi' }, disputes: {}, version: 3 };

  test('nothing new here: the server’s', () => {
    expect(whichCopy(undefined, server)).toBe('SERVER');
    expect(whichCopy({ ...kept, dirty: false }, { ...server, version: 9 })).toBe('SERVER');
  });
  test('only this device has written', () => expect(whichCopy(kept, server)).toBe('DEVICE'));
  test('a file or a signature came meanwhile', () => {
    expect(whichCopy(kept, { ...server, version: 4 })).toBe('DEVICE');
    expect(whichCopy({ ...kept, base: { ...base, disputes: { who: '' } } }, { ...server, version: 4 })).toBe('DEVICE');
  });
  test('it arrived, only the answer was lost', () => {
    expect(whichCopy(kept, { answers: { who: 'Mẹ' }, disputes: {}, version: 4 })).toBe('SERVER');
  });
  test('it arrived, and more was typed before the answer came', () => {
    const sending = { answers: { who: 'Mẹ' }, disputes: {} };
    const more = { ...kept, answers: { who: 'Mẹ Lan' }, sending };
    expect(whichCopy(more, { ...sending, version: 4 })).toBe('DEVICE');
    expect(whichCopy(more, { answers: { who: 'Bố' }, disputes: {}, version: 4 })).toBe('BOTH');
  });
  test('both have written', () => {
    expect(whichCopy(kept, { answers: { who: 'Bố' }, disputes: {}, version: 4 })).toBe('BOTH');
  });
});

describe('a crowd', () => {
  const busy = new ProblemError({ code: 'core.busy', message: '', retryAfter: 5 });

  test('is told from a refusal and from no network', () => {
    expect(obstacleOf(busy, true)).toBe('BUSY');
    expect(obstacleOf(new Fault(null), true)).toBe('BUSY');
    expect(obstacleOf(new Offline(), true)).toBe('BUSY');
    expect(obstacleOf(new Offline(), false)).toBe('OFFLINE');
    expect(obstacleOf(new Fault('8F3A'), true)).toBe('REFUSED');
    expect(obstacleOf(new ProblemError({ code: 'x', message: '' }), true)).toBe('REFUSED');
    const often = new ProblemError({ code: 'eservices.filed_often', message: '', retryAfter: 3000 });
    expect(obstacleOf(often, true)).toBe('REFUSED');
  });

  test('waits longer each time, never shorter than asked, not all alike', () => {
    expect([1, 2, 3, 4, 5, 9].map((attempt) => pauseAfter(attempt, busy, 0))).toEqual([5, 10, 20, 40, 60, 60]);
    expect(pauseAfter(1, new ProblemError({ code: 'core.busy', message: '', retryAfter: 30 }), 0)).toBe(30);
    expect(pauseAfter(1, busy, 1)).toBe(7);
  });
});

describe('pages of a draft', () => {
  test('only those on which something is asked', () => {
    expect(stepsOf(definition, {}).map(({ id }) => id)).toEqual(['one', 'two', DOCUMENTS, REVIEW]);
    const bare = { ...definition, documents: [] };
    expect(stepsOf(bare, {}).map(({ id }) => id)).toEqual(['one', 'two', REVIEW]);
  });

  test('where a complaint is mended', () => {
    const steps = stepsOf(definition, { reason: 'MOVE' });
    expect(stepOf('field:newAddress', steps)).toBe('one');
    expect(stepOf('field:children.1.name', steps)).toBe('two');
    expect(stepOf('document:proof', steps)).toBe(DOCUMENTS);
    expect(stepOf('applicant:phone', steps)).toBeUndefined();
  });

  test('what a place is called', () => {
    expect(placeWords(definition, 'field:reason')).toBe('Lý do');
    expect(placeWords(definition, 'field:children.1.name')).toBe('Con 2 – Tên');
    expect(placeWords(definition, 'document:proof')).toBe('Minh chứng');
    expect(placeWords(definition, 'applicant:signature')).toBe('');
  });
});

describe('what is known is not asked again', () => {
  const fields = { ...definition.form.fields, who: { ...definition.form.fields['who']!, locked: true } };
  const locked: Definition = { ...definition, form: { ...definition.form, fields } };
  const known = { field: 'who', value: 'Lan', source: 'SECTOR', asOf: '2026-09-15' };

  test('locked values follow the data, others only begin with it', () => {
    expect(withPrefilled(locked, { who: 'Ai đó' }, [known])).toEqual({ who: 'Lan' });
    expect(withPrefilled(definition, { who: 'Ai đó' }, [known])).toEqual({ who: 'Ai đó' });
    expect(withPrefilled(definition, {}, [known])).toEqual({ who: 'Lan' });
  });

  test('without a value nothing is locked', () => {
    expect(isLocked(locked, 'who', known)).toBe(true);
    expect(isLocked(locked, 'who', { ...known, value: null })).toBe(false);
    expect(isLocked(locked, 'who', undefined)).toBe(false);
  });

  test('a claim that was only opened says nothing', () => expect(said({ a: '', b: 'x' })).toEqual({ b: 'x' }));

  test('an unticked box is an answer once it was shown', () => {
    const agree = { ...definition.form.fields['agree']!, widget: 'checkbox' as const };
    const boxed: Definition = {
      ...definition,
      form: { ...definition.form, fields: { ...definition.form.fields, agree } },
    };
    expect(withBoxes(boxed, {}, ['agree', 'who'])).toEqual({ agree: false });
    expect(withBoxes(boxed, { agree: true }, ['agree'])).toEqual({ agree: true });
    expect(withBoxes(definition, {}, ['agree'])).toEqual({});
  });
});

describe('how answers are typed', () => {
  test.each([
    ['5/9/2013', '2013-09-05'],
    ['05.09.2013', '2013-09-05'],
    ['05092013', '2013-09-05'],
    [' 5 - 9 - 2013 ', '2013-09-05'],
    ['5/9/13', '5/9/13'],
    ['', ''],
  ])('the day %s', (typed, day) => expect(dayOf(typed)).toBe(day));

  test('strokes come by themselves, and go when taken back', () => {
    let typed = '';
    for (const digit of '05092013') typed = withStrokes(typed + digit, typed);
    expect(typed).toBe('05/09/2013');
    expect(withStrokes('05/0', '05/09/')).toBe('05/0');
    expect(withStrokes('5/', '5')).toBe('5/');
    expect(dayTyped('2013-09-05')).toBe('05/09/2013');
    expect(dayTyped('5/9')).toBe('5/9');
  });

  test('numbers with a comma', () => {
    expect([numberOf('8,5'), numberOf('8.5'), numberOf(' 12 '), numberOf(''), numberOf('xa')]).toEqual([
      8.5,
      8.5,
      12,
      undefined,
      'xa',
    ]);
    expect(numberTyped(8.5, 'vi')).toBe('8,5');
  });

  test('in words for the review', () => {
    expect(valueWords(definition, 'agree', false)).toBe('Không');
    expect(valueWords(definition, 'startsOn', '2026-11-23')).toBe('23/11/2026');
    expect(valueWords(definition, 'children', [{ name: 'Lan', birthDate: '2013-09-05' }, { name: 'Nam' }])).toBe(
      'Lan · 05/09/2013\nNam',
    );
    expect(valueWords(definition, 'reason', undefined)).toBe('');
  });

  test('a handful of choices is never a drop-down', () => {
    const label = { vi: '', en: '' };
    const choices = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}`);
    expect(widgetOf({ type: 'string', enum: choices(5) }, { label, widget: 'select' })).toBe('radio');
    expect(widgetOf({ type: 'string', enum: choices(6) }, { label, widget: 'radio' })).toBe('select');
    expect(widgetOf({ type: 'string', maxLength: 1000 }, { label })).toBe('textarea');
    expect(widgetOf({ type: 'string', maxLength: 12 }, { label, widget: 'number' })).toBe('text');
    expect(widgetOf({ type: 'boolean' }, { label })).toBe('radio');
    expect(
      rowNames({ type: 'object', properties: { b: { type: 'string' }, a: { type: 'string' } }, required: ['a'] }),
    ).toEqual(['a', 'b']);
  });
});
