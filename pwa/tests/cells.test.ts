import { describe, expect, it } from 'vitest';

import { EMPTY, isEmpty, readMark, readPaste, same } from '../src/lib/features/gradebook/cells.ts';

describe('what is typed into a cell', () => {
  it.each([
    ['8,5', '8.5'],
    ['8.5', '8.5'],
    [' 7 ', '7.0'],
    ['10', '10.0'],
    ['0', '0.0'],
    ['6,50', '6.5'],
    ['05', '5.0'],
  ])('%j is the mark %s', (typed, mark) => {
    expect(readMark(typed)).toEqual({ ok: true, value: { mark, reason: null } });
  });

  it('empties the cell when nothing is left', () => {
    expect(readMark('  ')).toEqual({ ok: true, value: EMPTY });
  });

  it.each([
    ['tám', 'not_a_number'],
    ['8,5đ', 'not_a_number'],
    ['1e1', 'not_a_number'],
    ['8,', 'not_a_number'],
    ['٨', 'not_a_number'],
    ['10,1', 'out_of_range'],
    ['85', 'out_of_range'],
    ['-1', 'out_of_range'],
    ['8,25', 'too_precise'],
    ['9.99', 'too_precise'],
  ])('%j is refused: %s', (typed, refusal) => {
    expect(readMark(typed)).toEqual({ ok: false, refusal });
  });
});

describe('what is pasted', () => {
  it('is rows and columns, without the closing line break of Excel', () => {
    expect(readPaste('8,5\t7\r\n\t9\r\n')).toEqual([
      ['8,5', '7'],
      ['', '9'],
    ]);
  });

  it('keeps an empty row in between: the rows below belong to other pupils', () => {
    expect(readPaste('8\n\n7')).toEqual([['8'], [''], ['7']]);
  });

  it('is one cell when it is one word', () => {
    expect(readPaste('8,5')).toEqual([['8,5']]);
  });
});

describe('two values', () => {
  it('are the same with the same mark and the same reason', () => {
    expect(same({ mark: '8.0', reason: null }, { mark: '8.0', reason: null })).toBe(true);
    expect(same({ mark: null, reason: 'EXEMPT' }, EMPTY)).toBe(false);
    expect(isEmpty(EMPTY)).toBe(true);
    expect(isEmpty({ mark: null, reason: 'EXEMPT' })).toBe(false);
  });
});
