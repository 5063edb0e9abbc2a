import { describe, expect, it } from 'vitest';

import { percent, periodOf, ranked, rateOf } from '../src/lib/features/eservices/board/range.ts';
import { knownOf, looksLikePhone } from '../src/lib/features/eservices/counter/applicants.ts';
import { cleanCode, groupedCode } from '../src/lib/features/eservices/counter/code.ts';
import type { Definition } from '../src/lib/features/eservices/definition.ts';
import { actionsOf, nextStep } from '../src/lib/features/eservices/desk/allowed.ts';
import type { Case, Status } from '../src/lib/features/eservices/desk/allowed.ts';
import {
  defectsOf,
  keyOf,
  linesOf,
  OTHER,
  targetsOf,
  unexplained,
} from '../src/lib/features/eservices/desk/defects.ts';
import { asked, countOf, elsewhere, fromAddress, toAddress } from '../src/lib/features/eservices/desk/filter.ts';
import { actionFor, pressed } from '../src/lib/features/eservices/desk/keys.ts';
import { claimed, missing, resultData } from '../src/lib/features/eservices/desk/result.ts';

const words = (vi: string) => ({ vi, en: `${vi} (en)` });
const definition = {
  form: {
    schema: { type: 'object', properties: {} },
    steps: [{ id: 'only', title: words('Trang'), fields: ['reason', 'rightFullName', 'hidden'] }],
    fields: {
      reason: { label: words('Lý do') },
      rightFullName: { label: words('Họ tên đúng') },
      hidden: { label: words('Ẩn') },
    },
  },
  documents: [
    {
      id: 'birth_certificate',
      name: words('Giấy khai sinh'),
      required: true,
      accepts: ['image'],
      most: 5,
      copy: 'COPY',
      checks: [
        { id: 'blurred', words: words('Ảnh mờ') },
        { id: 'expired', words: words('Hết hạn') },
      ],
    },
    { id: 'other', name: words('Giấy khác'), required: false, accepts: ['pdf'], most: 1, copy: 'COPY', checks: [] },
  ],
  most_fee: 0,
  handling: {
    steps: [
      { id: 'check', name: words('Kiểm tra'), role: 'ACADEMIC_CLERK' },
      { id: 'answer', name: words('Trả lời'), role: 'SUBJECT_TEACHER' },
      { id: 'decide', name: words('Quyết định'), role: 'HEADTEACHER' },
    ],
    result: { code: null, name: words('Kết quả'), template: 'decision' },
    effect: null,
  },
} as unknown as Definition;

const TODAY = '2026-11-23';
const base: Case = {
  status: 'SUBMITTED',
  step: '',
  assignee: null,
  supplementRounds: 0,
  dueOn: '2026-11-25',
  extendedAt: null,
  mine: false,
  papers: [],
};
const clerk = { id: 'clerk', roles: ['ACADEMIC_CLERK'] };
const head = { id: 'head', roles: ['HEADTEACHER'] };
const teacher = { id: 'teacher', roles: ['SUBJECT_TEACHER'] };
const may = (change: Partial<Case>, officer: { id: string; roles: string[] }): string[] =>
  actionsOf({ ...base, ...change }, definition, officer, TODAY);

describe('what may be done', () => {
  it('begins with what is usual', () => {
    expect(may({}, clerk)[0]).toBe('acceptStart');
    expect(may({ status: 'ACCEPTED' }, clerk)[0]).toBe('start');
    expect(may({ status: 'PROCESSING', step: 'check' }, clerk)[0]).toBe('advance');
    expect(may({ status: 'PROCESSING', step: 'decide' }, head)[0]).toBe('complete');
    expect(may({ status: 'PAYMENT_REQUIRED', dueOn: null }, clerk)[0]).toBe('confirmPayment');
    expect(may({ status: 'COMPLETED', dueOn: null }, clerk)[0]).toBe('giveBack');
  });

  it('is taking a result back for a leader, while it holds', () => {
    const papers = [{ kind: 'RESULT', state: 'VALID' }];
    for (const status of ['COMPLETED', 'RETURNED'] as Status[]) {
      expect(may({ status, papers }, head)).toContain('revoke');
      expect(may({ status, papers }, clerk)).not.toContain('revoke');
      expect(may({ status, papers: [{ kind: 'RESULT', state: 'REVOKED' }] }, head)).not.toContain('revoke');
    }
    expect(may({ status: 'PROCESSING', step: 'check', papers }, head)).not.toContain('revoke');
  });

  it('is asking for money where the definition has a fee', () => {
    const working = { ...base, status: 'PROCESSING', step: 'check' } as const;
    expect(actionsOf(working, definition, clerk, TODAY)).not.toContain('requirePayment');
    expect(actionsOf(working, { ...definition, most_fee: 15_000 }, clerk, TODAY)).toContain('requirePayment');
  });

  it('is nothing with a dossier of one’s own', () => {
    for (const status of ['SUBMITTED', 'PROCESSING', 'COMPLETED'] as Status[])
      expect(may({ status, step: 'decide', mine: true }, head)).toEqual([]);
  });

  it('follows the step, its holder and the leader', () => {
    expect(may({ status: 'PROCESSING', step: 'answer' }, clerk)).toEqual(['note']);
    expect(may({ status: 'PROCESSING', step: 'answer' }, teacher)).toContain('advance');
    expect(may({ status: 'PROCESSING', step: 'answer', assignee: { id: 'other' } }, teacher)).toEqual(['note']);
    expect(may({ status: 'PROCESSING', step: 'answer', assignee: { id: 'clerk' } }, clerk)).toContain('advance');
    expect(may({ status: 'PROCESSING', step: 'answer', assignee: { id: 'other' } }, head)).toContain('advance');
    expect(may({ status: 'PROCESSING', step: 'decide' }, clerk)).toEqual(['note']);
  });

  it('asks a second time only through a leader, and never a third time', () => {
    expect(may({}, clerk)).toContain('supplement');
    expect(may({ supplementRounds: 1 }, clerk)).not.toContain('supplement');
    expect(may({ supplementRounds: 1 }, head)).toContain('supplement');
    expect(may({ supplementRounds: 2 }, head)).not.toContain('supplement');
  });

  it('extends once, in time, by a leader', () => {
    const running = { status: 'PROCESSING', step: 'decide' } as const;
    expect(may(running, head)).toContain('extend');
    expect(may({ ...running, dueOn: '2026-11-20' }, head)).not.toContain('extend');
    expect(may({ ...running, extendedAt: '2026-11-20T03:00:00Z' }, head)).not.toContain('extend');
    expect(may({ status: 'ACCEPTED' }, clerk)).not.toContain('extend');
  });

  it('leaves only notes at the end', () => {
    for (const status of ['REJECTED', 'WITHDRAWN', 'STOPPED', 'RETURNED'] as Status[])
      expect(may({ status, dueOn: null }, head)).toEqual(['note']);
  });

  it('knows the next step', () => {
    expect(nextStep(definition, 'check')?.id).toBe('answer');
    expect(nextStep(definition, 'decide')).toBeUndefined();
    expect(nextStep(definition, '')).toBeUndefined();
  });
});

describe('the keyboard', () => {
  const key = (name: string, more = {}) => ({ key: name, ctrlKey: false, altKey: false, metaKey: false, ...more });

  it('moves, opens, helps and commands', () => {
    expect(pressed(key('ArrowDown'), false)).toEqual({ move: 1 });
    expect(pressed(key('Enter'), false)).toBe('open');
    expect(pressed(key('?'), false)).toBe('help');
    expect(pressed(key('S'), false)).toEqual({ command: 'supplement' });
    expect(pressed(key('x'), false)).toBeUndefined();
  });

  it('leaves fields and the browser’s own keys alone', () => {
    expect(pressed(key('a'), true)).toBeUndefined();
    expect(pressed(key('a', { ctrlKey: true }), false)).toBeUndefined();
  });

  it('means what is allowed', () => {
    expect(actionFor('accept', may({}, clerk) as never)).toBe('acceptStart');
    expect(actionFor('accept', may({ status: 'PROCESSING', step: 'decide' }, head) as never)).toBe('complete');
    expect(actionFor('refuse', may({ status: 'PROCESSING', step: 'check' }, clerk) as never)).toBe('stop');
    expect(actionFor('supplement', may({ supplementRounds: 1 }, clerk) as never)).toBeUndefined();
  });
});

describe('a request for a supplement', () => {
  const files = [
    { document: 'birth_certificate', replaced: false },
    { document: 'birth_certificate', replaced: true },
  ];
  const { documents, fields } = targetsOf(definition, new Set(['reason']), ['birth_certificate'], files);
  const all = [...documents, ...fields];

  it('lists what this citizen was asked for and nothing else', () => {
    expect(documents.map(({ path, files: count }) => [path, count])).toEqual([['document:birth_certificate', 1]]);
    expect(fields.map(({ path }) => path)).toEqual(['field:reason']);
  });

  it('goes out in the order of the lists, with notes', () => {
    const ticked = new Set([
      keyOf('field:reason', OTHER),
      keyOf('document:birth_certificate', 'expired'),
      keyOf('document:birth_certificate', 'blurred'),
    ]);
    const notes = { [keyOf('document:birth_certificate', 'blurred')]: ' trang 2 ' };
    const defects = defectsOf(all, ticked, notes);
    expect(defects).toEqual([
      { target: 'document:birth_certificate', defect: 'blurred', note: 'trang 2' },
      { target: 'document:birth_certificate', defect: 'expired', note: '' },
      { target: 'field:reason', defect: OTHER, note: '' },
    ]);
    expect(unexplained(defects)).toEqual([keyOf('field:reason', OTHER)]);
    expect(linesOf(all, defects, ({ vi }) => vi)).toEqual([
      { name: 'Giấy khai sinh', reasons: ['Ảnh mờ: trang 2', 'Hết hạn'] },
      { name: 'Lý do', reasons: [''] },
    ]);
  });
});

describe('a result', () => {
  it('says what is missing', () => {
    expect([...missing('TRANSFER', {}, '')]).toEqual(['classGroup']);
    expect([...missing('ANSWER', {}, ' ')]).toEqual(['note']);
    expect([...missing('DIPLOMA_CORRECTION', { diploma: 'd', changes: { fullName: ' ' } }, '')]).toEqual([
      'changes',
      'decisionNumber',
    ]);
    expect([...missing('DATA_CORRECTION', { apply: ['rightFullName'] }, '')]).toEqual([]);
    expect([...missing(null, {}, '')]).toEqual([]);
  });

  it('sends only what the register reads', () => {
    expect(resultData('TRANSFER', { classGroup: 'c', diploma: 'd' })).toEqual({ classGroup: 'c' });
    expect(
      resultData('DIPLOMA_CORRECTION', {
        diploma: 'd',
        changes: { fullName: ' Lan ', sex: '' },
        decisionNumber: ' 12 ',
      }),
    ).toEqual({ diploma: 'd', changes: { fullName: 'Lan' }, decisionNumber: '12' });
    expect(resultData('CERTIFICATE', { diploma: 'd' })).toBeNull();
  });

  it('finds what the applicant says is right', () => {
    expect(claimed(definition, { reason: 'x', rightFullName: 'Lan' })).toEqual(['rightFullName']);
    expect(claimed(definition, { rightFullName: '' })).toEqual([]);
  });
});

describe('the filter', () => {
  it('comes back from the address', () => {
    const filter = { group: 'waiting', procedure: '2.002854', assignedToMe: true, search: 'Lan' } as const;
    expect(fromAddress(new URLSearchParams(toAddress(filter).slice(1)))).toEqual(filter);
    expect(toAddress(fromAddress(new URLSearchParams('show=nonsense')))).toBe('');
  });

  it('asks and counts by groups of states', () => {
    const filter = fromAddress(new URLSearchParams('show=working'));
    expect(asked('s', filter)).toEqual({
      school: 's',
      statuses: ['ACCEPTED', 'PROCESSING'],
      procedure: null,
      assignedToMe: false,
      search: null,
    });
    const counts = [
      { status: 'ACCEPTED', count: 2 },
      { status: 'RETURNED', count: 5 },
    ] as const;
    expect(countOf('working', counts)).toBe(2);
    expect(countOf('done', counts)).toBe(5);
    // What is looked for and not here: where it is.
    expect(elsewhere({ ...fromAddress(new URLSearchParams()), search: '0042' }, counts)).toEqual([
      { group: 'done', count: 5 },
    ]);
    expect(elsewhere({ ...fromAddress(new URLSearchParams('show=new')), search: ' ' }, counts)).toEqual([]);
  });
});

describe('the board', () => {
  it('takes this month, semester and year', () => {
    expect(periodOf('month', '2028-02-10', [])).toEqual({ from: '2028-02-01', to: '2028-02-29' });
    expect(periodOf('month', '2026-12-31', [])).toEqual({ from: '2026-12-01', to: '2026-12-31' });
    expect(periodOf('year', TODAY, [])).toEqual({ from: '2026-01-01', to: '2026-12-31' });
    expect(periodOf('semester', TODAY, [])).toEqual({ from: '2026-09-01', to: '2026-12-31' });
    const frames = [{ startsOn: '2026-09-05', secondSemesterOn: '2027-01-18', endsOn: '2027-05-31' }];
    expect(periodOf('semester', TODAY, frames)).toEqual({ from: '2026-09-05', to: '2027-01-17' });
    expect(periodOf('semester', '2027-02-01', frames)).toEqual({ from: '2027-01-18', to: '2027-05-31' });
  });

  it('never rounds up to everything', () => {
    expect([1, 0.998, 0.953, 0].map(percent)).toEqual([100, 99, 95, 0]);
    expect(rateOf({ finished: 0, onTime: 0, overdue: 0 })).toBeNull();
  });

  it('puts those in need of help first', () => {
    const units = [
      { id: 'good', finished: 10, onTime: 10, overdue: 0 },
      { id: 'idle', finished: 0, onTime: 0, overdue: 0 },
      { id: 'slow', finished: 10, onTime: 5, overdue: 0 },
      { id: 'late', finished: 10, onTime: 10, overdue: 3 },
    ];
    expect(ranked(units).map(({ id }) => id)).toEqual(['late', 'slow', 'good', 'idle']);
  });
});

describe('the counter', () => {
  it('reads a code however it is written or scanned', () => {
    expect(cleanCode(' abcd-efgh jkmn ')).toBe('ABCDEFGHJKMN');
    expect(cleanCode('https://truong.example/desk/transfer#ABCD-EFGH-JKMN')).toBe('ABCDEFGHJKMN');
    expect(groupedCode('ABCDEFGHJ')).toBe('ABCD-EFGH-J');
  });

  it('offers the people of a pupil once, those with a number first', () => {
    const line = {
      contacts: [
        { name: 'Bình', phone: null },
        { name: 'An', phone: '0912000001' },
      ],
      guardians: [{ fullName: 'An' }, { fullName: 'Cúc' }],
    };
    expect(knownOf(line).map(({ name }) => name)).toEqual(['An', 'Bình', 'Cúc']);
    expect(['0912 000 001', '+84912000001', '091200', ''].map(looksLikePhone)).toEqual([true, true, false, false]);
  });
});
