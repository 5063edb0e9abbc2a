import 'fake-indexeddb/auto';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Sheet } from '../src/lib/features/gradebook/sheet.svelte.ts';
import type { Stored } from '../src/lib/features/gradebook/sheet.svelte.ts';
import { countTyped, forgetTyped, keptOf } from '../src/lib/offline/kept.ts';

const [COLUMN, LAN, HUY] = ['column', 'lan', 'huy'] as const;
const PATIENCE = { timeout: 5_000, interval: 20 };

interface Row {
  student: string;
  mark: string | null;
  reason: Stored['reason'];
  version: number;
}
interface Sent {
  column: string;
  rows: Row[];
  correctionReason: string | null;
}

/** What the server would answer, one request at a time; `null` is a network that is gone. */
let sent: Sent[] = [];
let answer: (request: Sent) => unknown = accept;
let held: (() => void) | undefined;
let hold = false;

const stored = ({ student, mark, reason, version }: Row): Stored => ({
  columnId: COLUMN,
  studentId: student,
  mark,
  reason,
  version: version + 1,
});

function accept({ rows }: Sent): unknown {
  return { enterScores: { __typename: 'EnterScoresPayload', saved: rows.map(stored), refused: [] } };
}

beforeEach(async () => {
  await forgetTyped();
  sent = [];
  answer = accept;
  hold = false;
  vi.stubGlobal('fetch', async (_: string, request: RequestInit) => {
    const { variables } = JSON.parse(request.body as string) as { variables: Sent };
    sent.push(variables);
    if (hold) await new Promise<void>((go) => (held = go));
    const data = answer(variables);
    if (data === null) throw new TypeError('Failed to fetch');
    return new Response(JSON.stringify({ data }));
  });
});
afterEach(() => vi.unstubAllGlobals());

function opened(): Sheet {
  const sheet = new Sheet('minh', () => undefined);
  sheet.take([{ columnId: COLUMN, studentId: LAN, mark: '6.0', reason: null, version: 3 }]);
  return sheet;
}

describe('the sheet saves itself', () => {
  it('cells of one column travel together, with the versions they were typed over', async () => {
    const sheet = opened();
    sheet.type(COLUMN, LAN, '8,5');
    sheet.type(COLUMN, HUY, '7');
    expect(sheet.waiting).toBe(2);
    await vi.waitFor(() => expect(sheet.waiting).toBe(0), PATIENCE);
    expect(sent).toEqual([
      {
        column: COLUMN,
        correctionReason: null,
        rows: [
          { student: LAN, mark: '8.5', reason: null, version: 3 },
          { student: HUY, mark: '7.0', reason: null, version: 0 },
        ],
      },
    ]);
    expect(sheet.cell(COLUMN, LAN)).toMatchObject({ state: 'saved', saved: { mark: '8.5', version: 4 } });
    await vi.waitFor(async () => expect(await countTyped('minh')).toBe(0), PATIENCE);
  });

  it('what is no mark stays in its cell and is not sent', async () => {
    const sheet = opened();
    sheet.type(COLUMN, LAN, 'tám');
    expect(sheet.cell(COLUMN, LAN)).toMatchObject({ state: 'refused', typed: 'tám', refusal: 'not_a_number' });
    expect([sheet.waiting, sheet.wrong, sheet.failed]).toEqual([0, 1, 0]);
    await vi.waitFor(async () => expect(await countTyped('minh')).toBe(1), PATIENCE);
    sheet.type(COLUMN, LAN, '6');
    expect(sheet.wrong).toBe(0);
    expect(sent).toEqual([]);
  });

  it('typed on while it travels: the newer value follows, over the new version', async () => {
    hold = true;
    const sheet = opened();
    sheet.type(COLUMN, LAN, '8');
    await vi.waitFor(() => expect(sent).toHaveLength(1), PATIENCE);
    sheet.type(COLUMN, LAN, '9');
    hold = false;
    held?.();
    await vi.waitFor(() => expect(sheet.waiting).toBe(0), PATIENCE);
    expect(sent.map(({ rows }) => rows[0])).toMatchObject([
      { mark: '8.0', version: 3 },
      { mark: '9.0', version: 4 },
    ]);
    expect(sheet.cell(COLUMN, LAN).saved).toMatchObject({ mark: '9.0', version: 5 });
  });

  it('without a network it waits, and goes when asked again', async () => {
    answer = () => null;
    const sheet = opened();
    sheet.type(COLUMN, LAN, '8');
    await vi.waitFor(() => expect(sheet.offline).toBe(true), PATIENCE);
    expect(sheet.waiting).toBe(1);
    answer = accept;
    sheet.flush();
    await vi.waitFor(() => expect(sheet.waiting).toBe(0), PATIENCE);
    expect(sheet.offline).toBe(false);
  });

  it('an earlier answer that was lost is no conflict', async () => {
    answer = ({ rows }) => ({
      enterScores: {
        __typename: 'EnterScoresPayload',
        saved: [],
        refused: rows.map((row) => ({
          student: row.student,
          problem: { code: 'gradebook.score_stale', message: '…' },
          current: stored(row),
        })),
      },
    });
    const sheet = opened();
    sheet.type(COLUMN, LAN, '8');
    await vi.waitFor(() => expect(sheet.cell(COLUMN, LAN).state).toBe('saved'), PATIENCE);
    expect(sheet.cell(COLUMN, LAN).saved).toMatchObject({ mark: '8.0', version: 4 });
  });

  it('shows what somebody else put there, and keeps one’s own only when told so', async () => {
    const theirs: Stored = { columnId: COLUMN, studentId: LAN, mark: '5.0', reason: null, version: 7 };
    answer = () => ({
      enterScores: {
        __typename: 'EnterScoresPayload',
        saved: [],
        refused: [{ student: LAN, problem: { code: 'gradebook.score_stale', message: '…' }, current: theirs }],
      },
    });
    const sheet = opened();
    sheet.type(COLUMN, LAN, '8');
    await vi.waitFor(() => expect(sheet.cell(COLUMN, LAN)).toMatchObject({ state: 'stale', theirs }), PATIENCE);
    answer = accept;
    sheet.settle(COLUMN, LAN, true);
    await vi.waitFor(() => expect(sheet.cell(COLUMN, LAN).state).toBe('saved'), PATIENCE);
    expect(sent.at(-1)?.rows).toEqual([{ student: LAN, mark: '8.0', reason: null, version: 7 }]);
  });

  it('says why a whole column was refused, and can try again', async () => {
    answer = () => ({ enterScores: { __typename: 'Problem', code: 'gradebook.not_yours', message: 'Không được' } });
    const sheet = opened();
    sheet.type(COLUMN, LAN, '8');
    await vi.waitFor(() => expect(sheet.failed).toBe(1), PATIENCE);
    expect(sheet.cell(COLUMN, LAN)).toMatchObject({ state: 'refused', problem: 'Không được' });
    answer = accept;
    sheet.flush();
    await vi.waitFor(() => expect(sheet.failed + sheet.waiting).toBe(0), PATIENCE);
  });
});

describe('undo', () => {
  it('takes a pasted block back in one step', () => {
    const sheet = opened();
    sheet.typeAll([
      { column: COLUMN, student: LAN, text: '8' },
      { column: COLUMN, student: HUY, text: 'x' },
    ]);
    sheet.undo();
    expect(sheet.cell(COLUMN, LAN)).toMatchObject({ state: 'saved', saved: { mark: '6.0' } });
    expect(sheet.cell(COLUMN, HUY)).toMatchObject({ state: 'saved', saved: { mark: null } });
  });
});

describe('a sheet opened again', () => {
  async function typedOffline(): Promise<void> {
    answer = () => null;
    const before = opened();
    before.type(COLUMN, LAN, '8');
    before.type(COLUMN, HUY, 'x');
    before.close();
    await vi.waitFor(async () => expect((await keptOf('minh', 'marks')).size).toBe(2), PATIENCE);
  }

  it('takes up what never reached the server, over the version it was typed over', async () => {
    await typedOffline();
    sent = [];
    answer = accept;
    const sheet = opened();
    await sheet.restore([COLUMN], true);
    expect(sheet.cell(COLUMN, HUY)).toMatchObject({ state: 'refused', typed: 'x', refusal: 'not_a_number' });
    await vi.waitFor(() => expect(sheet.cell(COLUMN, LAN).state).toBe('saved'), PATIENCE);
    expect(sent).toMatchObject([{ rows: [{ student: LAN, mark: '8.0', version: 3 }] }]);
  });

  it('leaves columns alone that it does not show', async () => {
    await typedOffline();
    const sheet = opened();
    await sheet.restore(['another'], true);
    expect(sheet.waiting + sheet.wrong).toBe(0);
    await expect(countTyped('minh')).resolves.toBe(2);
  });
});
