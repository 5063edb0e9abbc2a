import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { run } from '../src/lib/graphql/client.ts';
import { SignInWithPassword } from '../src/lib/graphql/documents/sign_in.ts';
import { ViewerQuery } from '../src/lib/graphql/documents/identity.ts';
import { Fault, Offline, ProblemError } from '../src/lib/graphql/failure.ts';

const network = vi.fn<typeof fetch>();

beforeEach(() => vi.stubGlobal('fetch', network));
afterEach(() => {
  vi.unstubAllGlobals();
  network.mockReset();
});

function answers(body: unknown, status = 200): void {
  network.mockResolvedValueOnce(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }));
}

describe('run', () => {
  it('posts the id, never a text, with the header and the cookie', async () => {
    answers({ data: { viewer: null } });
    await expect(run(ViewerQuery, {})).resolves.toEqual({ viewer: null });
    const [path, request] = network.mock.calls[0]!;
    expect(path).toBe('/graphql');
    expect(request).toMatchObject({ method: 'POST', credentials: 'same-origin', headers: { 'x-nhipcau': '1' } });
    const sent = JSON.parse(request!.body as string) as Record<string, unknown>;
    expect(Object.keys(sent).sort()).toEqual(['id', 'variables']);
    expect(sent['id']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('throws the Problem of a mutation', async () => {
    const problem = {
      __typename: 'Problem',
      code: 'identity.password_wrong',
      message: 'Sai mật khẩu',
      fields: [{ path: 'password', message: 'Nhập lại' }],
      retryAfter: 30,
    };
    answers({ data: { signInWithPassword: problem } });
    const failure = await run(SignInWithPassword, { username: 'a', password: 'b' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProblemError);
    expect(failure).toMatchObject({ code: 'identity.password_wrong', message: 'Sai mật khẩu', retryAfter: 30 });
    expect((failure as ProblemError).field('password')).toBe('Nhập lại');
  });

  it('throws a refused query as a problem', async () => {
    answers({ errors: [{ message: 'Chưa được phép', extensions: { code: 'NOT_ALLOWED' } }], data: null });
    await expect(run(ViewerQuery, {})).rejects.toMatchObject({ name: 'ProblemError', code: 'NOT_ALLOWED' });
  });

  it('keeps the code of a fault', async () => {
    answers({ errors: [{ message: 'Có lỗi, mã 8F3A', extensions: { code: 'FAULT', request: '8F3A' } }] }, 500);
    await expect(run(ViewerQuery, {})).rejects.toMatchObject({ name: 'Fault', requestId: '8F3A' });
    answers('<h1>Bad gateway</h1>', 502);
    await expect(run(ViewerQuery, {})).rejects.toBeInstanceOf(Fault);
  });

  it('is offline without an answer, and when the answer is cut off', async () => {
    network.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    await expect(run(ViewerQuery, {})).rejects.toBeInstanceOf(Offline);
    answers('{"data":{"vie');
    await expect(run(ViewerQuery, {})).rejects.toBeInstanceOf(Offline);
  });
});
