import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { WHOLE, moved, movedByKey, turned } from '../src/lib/features/eservices/files/crop.ts';
import { findingOf, greyOf, mean } from '../src/lib/features/eservices/files/quality.ts';
import type { Grey } from '../src/lib/features/eservices/files/quality.ts';
import { countSha256, sha256 } from '../src/lib/features/eservices/files/sha256.ts';
import {
  MOST_PHOTO_BYTES,
  fit,
  isHeic,
  kindOf,
  problemOf,
  smallEnough,
} from '../src/lib/features/eservices/files/sizes.ts';
import { PIECE_BYTES, lastPiece, send } from '../src/lib/features/eservices/files/upload.ts';
import { Offline, ProblemError } from '../src/lib/graphql/failure.ts';

describe('the fingerprint counted by hand', () => {
  test.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_003])('%i bytes', (length) => {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 31 + 7) % 256);
    expect(countSha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('is that of the browser', async () => {
    const blob = new Blob(['chữ kí']);
    expect(await sha256(blob)).toBe(countSha256(new TextEncoder().encode('chữ kí')));
  });
});

const [WIDTH, HEIGHT] = [384, 512];

function picture(paint: (x: number, y: number) => number): Grey {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < WIDTH; x += 1) data[y * WIDTH + x] = Math.max(0, Math.min(255, paint(x, y)));
  return { width: WIDTH, height: HEIGHT, data };
}

/** Lines of writing on paper that is lit from one side. */
function page(x: number, y: number): number {
  const paper = 235 - (x / WIDTH) * 60;
  const line = y % 14 < 5 && y > 40 && y < 470 && x > 40 && x < 340;
  const letter = (x * 7 + Math.floor(y / 14) * 13) % 11 < 5;
  return line && letter ? paper - 150 : paper;
}

/** As a shaking hand smears it. */
function smeared(grey: Grey, radius: number): Grey {
  return picture((x, y) => {
    let [sum, count] = [0, 0];
    for (let dy = -radius; dy <= radius; dy += 1)
      for (let dx = -radius; dx <= radius; dx += 1) {
        const [px, py] = [x + dx, y + dy];
        if (px < 0 || py < 0 || px >= WIDTH || py >= HEIGHT) continue;
        sum += grey.data[py * WIDTH + px] ?? 0;
        count += 1;
      }
    return sum / count;
  });
}

describe('whether a photo can be read', () => {
  const noise = (x: number, y: number): number => ((x * 1103515245 + y * 12345) % 7) - 3;

  test('a sharp page is fine, with the noise of a camera too', () => {
    expect(findingOf(picture(page))).toBeUndefined();
    expect(findingOf(picture((x, y) => page(x, y) + noise(x, y)))).toBeUndefined();
  });

  test('few lines on a large page are fine', () => {
    expect(findingOf(picture((x, y) => (y < 90 ? page(x, y) : 220)))).toBeUndefined();
  });

  test('smeared letters are called blurred', () => {
    expect(findingOf(smeared(picture(page), 2))).toBe('blurred');
    expect(findingOf(smeared(picture(page), 4))).toBe('blurred');
  });

  test('the empty side of a paper, in the shade of a hand', () => {
    expect(findingOf(picture((x, y) => 230 - (x / WIDTH) * 80 + noise(x, y)))).toBe('blank');
    expect(findingOf(picture(() => 250))).toBe('blank');
  });

  test('a photo without light', () => {
    expect(findingOf(picture((x, y) => page(x, y) / 6))).toBe('dark');
    expect(findingOf(picture(() => 0))).toBe('dark');
  });

  test('brightness as the eye weighs it', () => {
    expect([...greyOf(new Uint8Array([255, 255, 255, 255, 0, 0, 0, 255, 0, 255, 0, 255]), 3, 1).data]).toEqual([
      255, 0, 149,
    ]);
    expect(mean({ data: new Uint8Array() })).toBe(0);
  });
});

describe('the frame of a photo', () => {
  test('a corner moves its two edges and stays inside', () => {
    expect(moved(WHOLE, 'top_left', 0.2, 0.3)).toEqual({ left: 0.2, top: 0.3, right: 1, bottom: 1 });
    expect(moved(WHOLE, 'bottom_right', 1.4, -2)).toEqual({ left: 0, top: 0, right: 1, bottom: 0.1 });
  });

  test('it never turns inside out', () => {
    const { left, right } = moved({ ...WHOLE, right: 0.5 }, 'top_left', 0.9, 0);
    expect(right - left).toBeCloseTo(0.1);
  });

  test('keys move it, others do not', () => {
    expect(movedByKey(WHOLE, 'top_left', 'ArrowRight')?.left).toBeCloseTo(0.02);
    expect(movedByKey(WHOLE, 'top_left', 'ArrowLeft')?.left).toBe(0);
    expect(movedByKey(WHOLE, 'top_left', 'Tab')).toBeUndefined();
  });

  test('four quarter turns are none', () => {
    const frame = { left: 0.1, top: 0.2, right: 0.7, bottom: 0.9 };
    const round = turned(turned(turned(turned(frame))));
    for (const edge of ['left', 'top', 'right', 'bottom'] as const) expect(round[edge]).toBeCloseTo(frame[edge]);
  });
});

describe('how large a file may be', () => {
  test('less quality first, then fewer dots', async () => {
    const tried: [number, number][] = [];
    const image = await smallEnough((longest, quality) => {
      tried.push([longest, quality]);
      return Promise.resolve({ size: (longest * longest * quality) / 4 });
    });
    expect(image.size).toBeLessThan(MOST_PHOTO_BYTES);
    expect(tried).toEqual([
      [2000, 0.85],
      [2000, 0.75],
      [2000, 0.65],
      [2000, 0.5],
      [1600, 0.85],
      [1600, 0.75],
    ]);
  });

  test('the smallest when none is small enough', async () => {
    let next = 2_000_000;
    const image = await smallEnough(() => Promise.resolve({ size: (next -= 1000) }));
    expect(image.size).toBe(2_000_000 - 12 * 1000);
  });

  test('never larger than it was', () => {
    expect(fit(4000, 3000, 2000)).toEqual({ width: 2000, height: 1500 });
    expect(fit(300, 200, 2000)).toEqual({ width: 300, height: 200 });
  });

  test('what a file is', () => {
    expect(kindOf({ type: 'application/pdf', name: 'a' })).toBe('pdf');
    expect(kindOf({ type: '', name: 'Giấy khai sinh.PDF' })).toBe('pdf');
    expect(kindOf({ type: '', name: 'IMG_1.HEIC' })).toBe('image');
    expect(kindOf({ type: 'text/html', name: 'a.jpg.html' })).toBeUndefined();
    expect(isHeic({ type: 'image/heif', name: 'x' })).toBe(true);
  });

  test('what speaks against it', () => {
    const file = (type: string, size: number): { type: string; name: string; size: number } => ({
      type,
      size,
      name: 'x',
    });
    expect(problemOf(file('image/jpeg', 0), ['image'])).toBe('empty');
    expect(problemOf(file('application/pdf', 5), ['image'])).toBe('not_image');
    expect(problemOf(file('image/png', 5), ['pdf'])).toBe('not_pdf');
    expect(problemOf(file('application/pdf', 11 * 1024 * 1024), ['pdf'])).toBe('too_big');
    expect(problemOf(file('image/jpeg', 30_000_000), ['image', 'pdf'])).toBeUndefined();
    expect(problemOf(file('video/mp4', 5), ['image'])).toBe('unreadable');
  });
});

describe('a file on its way, to a server that speaks tus', () => {
  let server: Server;
  let received: Buffer;
  let asked: string[];
  /** How many pieces until the line is cut. */
  let cut: number;
  let refusal: object | null;
  let forgotten: boolean;
  const address = '/uploads/1';
  const known = globalThis.fetch;

  beforeEach(async () => {
    [received, asked, cut, refusal, forgotten] = [Buffer.alloc(0), [], Infinity, null, false];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        asked.push(`${request.method} ${String(request.headers['upload-offset'] ?? '')}`.trim());
        const size = 600_000;
        if (forgotten && request.method !== 'POST') return response.writeHead(404).end();
        if (request.method === 'POST') {
          forgotten = false;
          return response.writeHead(201, { location: address }).end();
        }
        if (request.method === 'PATCH') {
          if (asked.filter((one) => one.startsWith('PATCH')).length > cut) return request.socket.destroy();
          if (Number(request.headers['upload-offset']) !== received.length) return response.writeHead(409).end('{}');
          received = Buffer.concat([received, ...chunks]);
          if (received.length === size && refusal) return response.writeHead(422).end(JSON.stringify(refusal));
        }
        const stored = received.length === size ? { 'upload-stored': 'kept' } : {};
        return response
          .writeHead(request.method === 'HEAD' ? 200 : 204, { 'upload-offset': String(received.length), ...stored })
          .end();
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // A page asks its own server by path; here there is no page.
    globalThis.fetch = (input, init) => known(new URL(input as string, origin), init);
    (globalThis as { location?: unknown }).location = { origin };
  });
  afterEach(async () => {
    globalThis.fetch = known;
    delete (globalThis as { location?: unknown }).location;
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  const bytes = Uint8Array.from({ length: 600_000 }, (_, at) => (at * 13) % 251);
  const file = new Blob([bytes]);
  const parcel = { file, name: 'Giấy khai sinh.jpg', sha256: countSha256(bytes), address: null as string | null };
  const watch = { onaddress: (): void => undefined, onprogress: (): void => undefined };

  test('goes in pieces and says how far it is', async () => {
    const sent: number[] = [];
    expect(await send(parcel, { ...watch, onprogress: (at) => sent.push(at) })).toBe('kept');
    expect(received.equals(Buffer.from(bytes))).toBe(true);
    expect(sent).toEqual([0, PIECE_BYTES, 2 * PIECE_BYTES, 600_000]);
  });

  test('after a cut line it goes on where the server stopped', async () => {
    cut = 1;
    let kept: string | null = null;
    await expect(send(parcel, { ...watch, onaddress: (one) => (kept = one) })).rejects.toBeInstanceOf(Offline);
    expect(kept).toBe(address);
    [cut, asked] = [Infinity, []];
    expect(await send({ ...parcel, address: kept }, watch)).toBe('kept');
    expect(asked).toEqual(['HEAD', `PATCH ${PIECE_BYTES}`, `PATCH ${2 * PIECE_BYTES}`]);
    expect(received.equals(Buffer.from(bytes))).toBe(true);
  });

  test('what the server has whole is not sent again', async () => {
    await send(parcel, watch);
    asked = [];
    expect(await send({ ...parcel, address }, watch)).toBe('kept');
    expect(asked).toEqual(['HEAD']);
  });

  test('an upload the server forgot begins anew', async () => {
    forgotten = true;
    expect(await send({ ...parcel, address }, watch)).toBe('kept');
    expect(asked.slice(0, 3)).toEqual(['HEAD', 'POST', 'PATCH 0']);
  });

  test('a refusal says why', async () => {
    refusal = { errors: [{ message: 'Ảnh hỏng', extensions: { code: 'files.broken' } }] };
    const failure: unknown = await send(parcel, watch).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProblemError);
    expect((failure as ProblemError).message).toBe('Ảnh hỏng');
  });

  test('the last piece begins at a whole number of pieces', () => {
    expect([1, PIECE_BYTES, PIECE_BYTES + 1].map(lastPiece)).toEqual([0, 0, PIECE_BYTES]);
  });
});
