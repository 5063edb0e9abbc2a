import { describe, expect, it } from 'vitest';

import { found, listed, mayBegin } from '../src/lib/features/eservices/catalogue/procedures.ts';
import type { Procedure } from '../src/lib/features/eservices/catalogue/procedures.ts';
import { workingDaysBetween } from '../src/lib/features/eservices/days.ts';
import type { Definition } from '../src/lib/features/eservices/definition.ts';
import { dueWords, holderWords, lineWords } from '../src/lib/features/eservices/follow/state.ts';
import type { Followed } from '../src/lib/features/eservices/follow/state.ts';
import { timeline } from '../src/lib/features/eservices/follow/timeline.ts';
import { mayRate } from '../src/lib/features/eservices/rate/rate.ts';
import { asked, missingIn, unchangedIn } from '../src/lib/features/eservices/supplement/asked.ts';
import { cleanCode, cleanDigits } from '../src/lib/features/eservices/track/code.ts';
import { minutesLeft, moveLines, spacedCode } from '../src/lib/features/eservices/transfer/transfers.ts';
import { cleanPaperCode, digestOf, groupedCode } from '../src/lib/features/eservices/verify/code.ts';
import { dayWords, foldWords, moneyWords, sizeWords, spoken, toneOf } from '../src/lib/features/eservices/words.ts';
import { PLACES, placeOf, placesOf } from '../src/lib/navigation/places.ts';

/** A Sunday. */
const TODAY = '2026-11-22';
const OFFICE = 'Trường THCS Tiên Phong';
const words = (vi: string, en = vi): { vi: string; en: string } => ({ vi, en });

function procedure(code: string, name: string, more: object = {}): Procedure {
  const card = {
    name: words(name),
    summary: words('Tóm tắt'),
    keywords: [],
    applicants: ['GUARDIAN'],
    ...more,
  };
  return { id: code, code, kind: 'SCHOOL', position: 1, live: { id: code, card } };
}

const followed = (more: Partial<Followed> = {}): Followed => ({
  status: 'PROCESSING',
  office: OFFICE,
  dueOn: '2026-11-27',
  overdue: false,
  ...more,
});

describe('the catalogue', () => {
  const all = listed([
    procedure('TRUONG.02', 'Giấy xác nhận học sinh', { keywords: ['the di xe buyt'] }),
    procedure('2.002854', 'Chuyển trường', { summary: words('Học sinh đi học ở trường khác') }),
    procedure('TRUONG.03', 'Bảng điểm', { summary: words('Khi chuyển đi nơi khác') }),
    { ...procedure('OLD', 'Cũ'), live: null },
  ]);

  it('is searched without diacritics, names before mentions', () => {
    const codes = (text: string): string[] => found(all, text).map(({ code }) => code);
    expect(codes('')).toEqual(['TRUONG.02', '2.002854', 'TRUONG.03']);
    expect(codes('chuyen')).toEqual(['2.002854', 'TRUONG.03']);
    expect(codes('CHUYỂN trường')).toEqual(['2.002854']);
    expect(codes('xe  buýt')).toEqual(['TRUONG.02']);
    expect(codes('2.0028')).toEqual(['2.002854']);
    expect(codes('điểm')).toEqual(['TRUONG.03']);
    expect(codes('hộ chiếu')).toEqual([]);
    expect(foldWords('  Đơn XIN  nghỉ ')).toBe('don xin nghi');
  });

  it('knows who may begin', () => {
    expect(mayBegin({ applicants: ['CITIZEN'] }, [])).toBe('YES');
    expect(mayBegin({ applicants: ['GUARDIAN'] }, ['SUBJECT_TEACHER', 'GUARDIAN'])).toBe('YES');
    expect(mayBegin({ applicants: ['GUARDIAN'] }, ['STUDENT'])).toBe('GUARDIAN');
    expect(mayBegin({ applicants: ['GUARDIAN', 'STUDENT'] }, [])).toBe('CHILD');
  });
});

describe('working days', () => {
  // The days off and the exchanged one around the New Year of 2026: Friday 2 January free, Saturday 10 worked instead.
  const unusual = [
    { day: '2026-01-01', works: false },
    { day: '2026-01-02', works: false },
    { day: '2026-01-10', works: true },
  ];

  it('are those of offices', () => {
    expect(workingDaysBetween('2026-11-20', '2026-11-23', [])).toBe(1);
    expect(workingDaysBetween('2026-11-20', '2026-11-22', [])).toBe(0);
    expect(workingDaysBetween('2025-12-31', '2026-01-05', unusual)).toBe(1);
    expect(workingDaysBetween('2026-01-05', '2026-01-10', unusual)).toBe(5);
    expect(workingDaysBetween('2026-11-24', '2026-11-20', [])).toBe(-2);
  });
});

describe('where a dossier is', () => {
  it('says who has it and until when', () => {
    expect(holderWords(followed(), TODAY)).toBe('Trường THCS Tiên Phong đang giữ hồ sơ');
    expect(dueWords(followed(), TODAY, [])).toBe('Hẹn trả kết quả thứ Sáu 27/11, còn 5 ngày làm việc');
    expect(dueWords(followed({ dueOn: '2026-11-23' }), TODAY, [])).toBe(
      'Hẹn trả kết quả ngày mai, còn 1 ngày làm việc',
    );
    const asked = { count: 2, answerBy: '2026-11-27' };
    expect(holderWords(followed({ status: 'SUPPLEMENT_REQUESTED', asked }), TODAY)).toBe(
      'Chờ bạn bổ sung 2 mục đến thứ Sáu 27/11',
    );
    expect(dueWords(followed({ status: 'SUPPLEMENT_REQUESTED', dueOn: null }), TODAY, [])).toContain('tạm dừng');
    expect(holderWords(followed({ status: 'PAYMENT_REQUIRED', fee: 250000 }), TODAY)).toContain('250.000 đồng');
  });

  it('is honest about being late, and gives no number without the holidays', () => {
    const late = followed({ dueOn: '2026-11-18', overdue: true });
    expect(dueWords(late, TODAY, [])).toBe('Trễ hẹn 2 ngày làm việc. Ngày hẹn trả là thứ Tư 18/11');
    expect(dueWords(late, TODAY, null)).toBe('Trễ hẹn. Ngày hẹn trả là thứ Tư 18/11');
    expect(lineWords(late, TODAY)).toBe('Trễ hẹn. Ngày hẹn trả là thứ Tư 18/11');
    // An answer kept from before knows only the day.
    expect(dueWords({ ...late, overdue: false }, TODAY, [])).toContain('Trễ hẹn 2');
    expect(toneOf(late)).toBe('bad');
    expect(toneOf({ ...late, status: 'COMPLETED' })).toBe('good');
    const done = followed({ status: 'COMPLETED', dueOn: null, finishedAt: '2026-11-20T03:00:00Z', onTime: false });
    expect(dueWords(done, TODAY, [])).toBe('Xong thứ Sáu 20/11, trễ hẹn');
    expect(lineWords(done, TODAY)).toBe('');
  });

  it('tells what happened, the newest first, without what the office notes for itself', () => {
    const at = '2026-11-20T03:00:00Z';
    const lines = timeline(
      [
        { action: 'FILED', at, office: OFFICE, dueOn: '2026-11-27' },
        { action: 'NOTED', at, office: OFFICE, dueOn: null, note: 'hỏi lại phòng' },
        { action: 'STARTED', at, office: OFFICE, dueOn: '2026-11-27', step: 'Kiểm tra' },
        { action: 'HANDED_OVER', at, office: OFFICE, dueOn: '2026-11-27', step: 'Quyết định' },
        { action: 'STOPPED', at, office: OFFICE, dueOn: null, note: 'Không trả lời' },
      ],
      TODAY,
    );
    expect(lines.map(({ title }) => title)).toEqual([
      'Trường THCS Tiên Phong dừng giải quyết',
      'Trường THCS Tiên Phong: Quyết định',
      'Trường THCS Tiên Phong bắt đầu xử lý',
      'Đã nộp hồ sơ',
    ]);
    expect(lines[0]).toMatchObject({ tone: 'bad', note: 'Không trả lời' });
    expect(lines.map(({ due }) => due)).toEqual(['', '', '', 'Hẹn trả thứ Sáu 27/11']);
    expect(new Set(lines.map(({ key }) => key)).size).toBe(4);
  });

  it('writes days, sizes and money', () => {
    expect(dayWords('2026-11-21', TODAY)).toBe('hôm qua');
    expect(dayWords(TODAY, TODAY)).toBe('hôm nay');
    expect(dayWords('2027-01-08', TODAY)).toBe('thứ Sáu, 08/01/2027');
    expect(sizeWords(320_400)).toBe('320 kB');
    expect(sizeWords(12)).toBe('1 kB');
    expect(sizeWords(1_440_000)).toBe('1,4 MB');
    expect(moneyWords(500000)).toBe('500.000 đồng');
    expect(spoken({ vi: 'Đơn', en: '' })).toBe('Đơn');
    expect(spoken(undefined)).toBe('');
  });
});

describe('what an office asks for', () => {
  const definition = {
    form: { fields: { reason: { label: words('Lý do') }, children: { label: words('Các con') } } },
    documents: [
      { id: 'photo', name: words('Ảnh 4×6'), checks: [{ id: 'blurred', words: words('Bị mờ') }] },
      { id: 'birth_certificate', name: words('Giấy khai sinh'), checks: [] },
    ],
  } as unknown as Definition;
  const item = (target: string, defect = 'OTHER', note = ''): Parameters<typeof asked>[1][number] => ({
    id: `${target}-${defect}`,
    target,
    defect,
    note,
  });

  it('becomes fields and documents, each once, in the words of the definition', () => {
    const wanted = asked(definition, [
      item('document:photo', 'blurred'),
      item('document:photo', 'OTHER', 'chụp lại'),
      item('field:children.1.name', 'OTHER', 'thiếu tên đệm'),
      item('reason', 'OTHER', 'viết rõ hơn'),
    ]);
    expect(wanted.fields).toEqual(['children', 'reason']);
    expect(wanted.documents.map(({ id }) => id)).toEqual(['photo']);
    expect(wanted.lines.map(({ label, defect, note }) => [label, defect, note])).toEqual([
      ['Ảnh 4×6', 'Bị mờ', ''],
      ['Ảnh 4×6', '', 'chụp lại'],
      ['Các con', '', 'thiếu tên đệm'],
      ['Lý do', '', 'viết rõ hơn'],
    ]);
  });

  it('wants a new file of every document', () => {
    expect(missingIn(definition.documents, ['photo'])).toEqual([
      { path: 'document:birth_certificate', message: 'Chưa có bản mới. Hãy chụp hoặc chọn tệp.' },
    ]);
  });

  it('asks once about what stands there as it was', () => {
    const before = { name: 'Lan', children: [{ name: 'Minh' }], gone: '' };
    const paths = (now: object) =>
      unchangedIn(['name', 'children', 'gone'], before, { ...before, ...now }).map(({ path }) => path);
    expect(paths({})).toEqual(['field:name', 'field:children']);
    expect(paths({ name: 'Ngọc Lan' })).toEqual(['field:children']);
    expect(paths({ name: '', children: [{ name: 'Minh Anh' }] })).toEqual([]);
  });
});

it('takes an opinion once, for some days', () => {
  const finished = { satisfaction: null, satisfactionNote: '', finishedAt: '2026-11-01T03:00:00Z' };
  const now = new Date('2026-11-22T03:00:00Z');
  expect(mayRate(finished, 30, now)).toBe(true);
  expect(mayRate(finished, 20, now)).toBe(false);
  expect(mayRate({ ...finished, satisfaction: 'SATISFIED' }, 30, now)).toBe(false);
  expect(mayRate({ ...finished, finishedAt: null }, 30, now)).toBe(false);
});

describe('codes', () => {
  it('are understood as people type them', async () => {
    expect(cleanCode(' 27260304 261122 – 0001 ')).toBe('27260304-261122-0001');
    expect(cleanDigits('0912 000 001')).toBe('0001');
    expect(cleanDigits('12')).toBe('12');
    expect(cleanPaperCode('abcd-efgh jk23')).toBe('ABCDEFGHJK23');
    expect(groupedCode('ABCDEFGHJKLMNPQR')).toBe('ABCD EFGH JKLM NPQR');
    expect(spacedCode('abcd-efghjklm')).toBe('abcd efgh jklm');
    const empty = await digestOf(new ArrayBuffer(0));
    expect(empty).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('run out', () => {
    const now = new Date('2026-11-22T03:00:00Z');
    expect(minutesLeft('2026-11-22T03:15:00Z', now)).toBe(15);
    expect(minutesLeft('2026-11-22T03:00:01Z', now)).toBe(1);
    expect(minutesLeft('2026-11-22T02:59:00Z', now)).toBe(0);
  });
});

it('says what goes along with a pupil, and nothing of what there is none of', () => {
  expect(moveLines({ className: '7A1', enrolledOn: '2026-09-05', results: 0, absences: 3, guardians: 2 })).toEqual([
    'Thông tin cá nhân của học sinh',
    'Lớp 7A1, học từ 05/09/2026',
    'Số buổi nghỉ: 3',
    '2 người giám hộ',
  ]);
  expect(moveLines({})).toHaveLength(1);
});

describe('places', () => {
  const paths = new Set(Object.values(PLACES).map(({ path }) => path));

  it('fit a thumb, for everybody', () => {
    for (const role of ['GUARDIAN', 'STUDENT', 'GUEST', undefined] as const) {
      const { bar } = placesOf(role, paths);
      expect(bar.length).toBeLessThanOrEqual(5);
      expect(bar.map(({ path }) => path)).toContain('/services');
    }
    expect(placesOf('GUARDIAN', paths).more.map(({ path }) => path)).toContain('/announcements');
    expect(placesOf(undefined, paths).bar.map(({ path }) => path)).toContain('/services/dossiers');
  });

  it('light the nearest one alone', () => {
    const places = placesOf(undefined, paths).bar;
    expect(placeOf(places, '/services/2.002854')?.path).toBe('/services');
    expect(placeOf(places, '/services/dossiers/1')?.path).toBe('/services/dossiers');
    expect(placeOf([{ path: '/' }, { path: '/track' }], '/tracking')).toBeUndefined();
    expect(placeOf([{ path: '/' }], '/')?.path).toBe('/');
  });
});
