import 'fake-indexeddb/auto';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { identityOf } from '../src/lib/graphql/client.ts';
import { RegisterQuery } from '../src/lib/graphql/documents/attendance.ts';
import { countTyped, forgetTyped } from '../src/lib/offline/kept.ts';
import { BATCH, batches, dismiss, enqueue, flush, onQueue, queuedOf } from '../src/lib/offline/queue.ts';
import type { Operation, Place, QueueNews } from '../src/lib/offline/queue.ts';
import { keep, recall, wipe } from '../src/lib/offline/snapshots.ts';
import { registerVariables, withTaken } from '../src/lib/offline/taken.ts';
import type { RegisterData } from '../src/lib/offline/taken.ts';

const PLACE: Place = { classGroup: '7a1', day: '2026-11-23', session: 'MORNING', period: 0 };
const network = vi.fn<typeof fetch>();
const sent: { classGroup: string; deviceTime: string; operations: Operation[] }[] = [];

beforeEach(async () => {
  vi.stubGlobal('fetch', network);
  await forgetTyped();
  await wipe();
});
afterEach(() => {
  vi.unstubAllGlobals();
  network.mockReset();
  sent.length = 0;
});

const operation = (id: string, student = id): Operation => ({
  id,
  student,
  status: 'PRESENT',
  minutes: null,
  explicit: false,
  decidedAt: '2026-11-23T00:08:00Z',
});
const some = (count: number): Operation[] => Array.from({ length: count }, (_, at) => operation(`o${at}`));
const taken = { id: 'r', takenAt: '2026-11-23T00:08:00Z', takenBy: { id: 'ha', fullName: 'Hà' } };

const mark = { id: 'm', minutes: null, explicit: true, recordedAt: taken.takenAt, recordedBy: taken.takenBy };

/** A server that takes everything but the operations named. */
function server(refused: Record<string, string> = {}): void {
  network.mockImplementation((_, request) => {
    const { variables } = JSON.parse(request!.body as string) as { variables: (typeof sent)[number] };
    sent.push(variables);
    const [good, bad] = [
      variables.operations.filter(({ id }) => !(id in refused)),
      variables.operations.filter(({ id }) => id in refused),
    ];
    const takeRegister = {
      __typename: 'TakeRegisterPayload',
      register: taken,
      rows: [],
      received: good.map(({ id }) => id),
      refused: bad.map(({ id }) => ({ id, problem: { code: 'x', message: refused[id] } })),
    };
    return Promise.resolve(new Response(JSON.stringify({ data: { takeRegister } })));
  });
}

function answers(body: unknown): void {
  network.mockImplementation(() => Promise.resolve(new Response(JSON.stringify(body))));
}

describe('the queue of a register', () => {
  it('is on the device first, counts as unsent, and is empty once received', async () => {
    await enqueue('ha', PLACE, some(45));
    await expect(countTyped('ha')).resolves.toBe(45);
    server();
    await expect(flush('ha')).resolves.toBe(true);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ classGroup: '7a1', day: '2026-11-23', session: 'MORNING', period: 0 });
    expect(Date.parse(sent[0]!.deviceTime)).not.toBeNaN();
    await expect(queuedOf('ha')).resolves.toEqual([]);
    await flush('ha');
    expect(sent).toHaveLength(1);
  });

  it('goes register by register, a hundred at a time', async () => {
    await enqueue('ha', PLACE, some(BATCH + 5));
    await enqueue('ha', { ...PLACE, classGroup: '7a2' }, [operation('z')]);
    server();
    await flush('ha');
    expect(sent.map(({ classGroup, operations }) => [classGroup, operations.length])).toEqual([
      ['7a1', BATCH],
      ['7a1', 5],
      ['7a2', 1],
    ]);
  });

  it('stays without a network, after a fault and after the session ended', async () => {
    await enqueue('ha', PLACE, some(2));
    network.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    await expect(flush('ha')).resolves.toBe(false);
    answers({ data: null, errors: [{ message: 'Có lỗi', extensions: { code: 'FAULT', request: '8F3A' } }] });
    await expect(flush('ha')).resolves.toBe(false);
    answers({ data: null, errors: [{ message: 'Đăng nhập', extensions: { code: 'core.sign_in_required' } }] });
    await expect(flush('ha')).resolves.toBe(false);
    answers({
      data: { takeRegister: { __typename: 'Problem', code: 'core.too_many', message: 'Chờ', retryAfter: 9 } },
    });
    await expect(flush('ha')).resolves.toBe(false);
    await expect(queuedOf('ha')).resolves.toMatchObject([{ refused: null }, { refused: null }]);
  });

  it('keeps what the server did not take, with its words, until somebody has read them', async () => {
    await enqueue('ha', PLACE, some(3));
    server({ o1: 'Em không học lớp này' });
    await expect(flush('ha')).resolves.toBe(true);
    await expect(queuedOf('ha')).resolves.toMatchObject([{ operation: { id: 'o1' }, refused: 'Em không học lớp này' }]);
    await flush('ha');
    expect(sent).toHaveLength(1);
    await dismiss('ha', ['o1']);
    await expect(queuedOf('ha')).resolves.toEqual([]);
  });

  it('keeps a whole register that was refused, and goes on with the others', async () => {
    await enqueue('ha', PLACE, some(2));
    await enqueue('ha', { ...PLACE, day: '2026-11-24' }, [operation('p')]);
    answers({ data: { takeRegister: { __typename: 'Problem', code: 'attendance.week_closed', message: 'Đã khoá' } } });
    await expect(flush('ha')).resolves.toBe(true);
    const left = await queuedOf('ha');
    expect(left.map(({ refused }) => refused)).toEqual(['Đã khoá', 'Đã khoá', 'Đã khoá']);
    expect(batches(left)).toEqual([]);
  });

  it('of one person is never sent by another', async () => {
    await enqueue('ha', PLACE, some(2));
    server();
    await flush('minh');
    expect(sent).toEqual([]);
    await expect(queuedOf('ha')).resolves.toEqual([]);
  });

  it('two windows at once send each operation once', async () => {
    await enqueue('ha', PLACE, some(5));
    server();
    await Promise.all([flush('ha'), flush('ha')]);
    expect(sent.flatMap(({ operations }) => operations.map(({ id }) => id)).sort()).toEqual(
      some(5).map(({ id }) => id),
    );
  });

  it('what was received holds as sent, but where the server says otherwise', () => {
    const row = (id: string) => ({ id, studentId: id, student: { id, fullName: id }, mark: null, excused: false });
    const data: RegisterData = {
      classGroup: { id: '7a1', name: '7A1' },
      register: null,
      registerRows: ['a', 'b', 'c'].map(row),
    };
    const stronger: Operation = { ...operation('x', 'a'), status: 'LATE', minutes: 15, explicit: true };
    const theirs = { ...data.registerRows[1]!, mark: { ...mark, status: 'UNEXCUSED' as const } };
    const answer = {
      __typename: 'TakeRegisterPayload' as const,
      register: taken,
      rows: [theirs],
      received: ['x', 'a', 'b'],
      refused: [],
    };
    const operations = [stronger, operation('a'), operation('b'), operation('c')];
    const after = withTaken(data, { place: PLACE, operations, answer });
    expect(after.registerRows.map(({ mark }) => mark && [mark.status, mark.minutes])).toEqual([
      ['LATE', 15],
      ['UNEXCUSED', null],
      null,
    ]);
  });

  it('tells whoever listens, and the saved register follows', async () => {
    const variables = registerVariables(PLACE);
    const row = { id: 'o0', studentId: 'o0', student: { id: 'o0', fullName: 'An' }, mark: null, excused: false };
    const data = { classGroup: { id: '7a1', name: '7A1' }, register: null, registerRows: [row] };
    await keep('ha', identityOf(RegisterQuery).id, variables, { data, at: new Date(0) });
    const heard: QueueNews[] = [];
    const stop = onQueue((news) => heard.push(news));
    await enqueue('ha', PLACE, some(1));
    server();
    await flush('ha');
    stop();
    expect(heard).toMatchObject([{}, { taken: { place: PLACE } }]);
    await expect(recall('ha', identityOf(RegisterQuery).id, variables)).resolves.toMatchObject({
      data: {
        register: taken,
        registerRows: [{ mark: { status: 'PRESENT', explicit: false, recordedBy: { id: 'ha' } } }],
      },
    });
  });
});
