/**
 * `npm run icons` draws the mark, one span of a bridge, as SVG and as PNG. Both come from the same shapes below, and
 * the PNG encoder is Node's own zlib: nobody needs a drawing program to change the icon.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

const OUT = new URL('../static/icons/', import.meta.url);
const BOX = 64;
const BRAND = [0x0b, 0x5c, 0xad] as const;
const WHITE = [255, 255, 255] as const;

type Point = readonly [number, number];
interface Line {
  from: Point;
  to: Point;
  width: number;
}

/** The arch stands on the deck at x = 10 and x = 54 and rises 19 units above it. */
const DECK_Y = 43;
const ARCH = { x: 32, y: 46.24, radius: 22.24, width: 4.5 };
const archAt = (x: number): number => ARCH.y - Math.sqrt(ARCH.radius ** 2 - (x - ARCH.x) ** 2);
const LINES: Line[] = [
  { from: [9, DECK_Y], to: [55, DECK_Y], width: 4.5 },
  ...[21, 32, 43].map((x): Line => ({ from: [x, archAt(x)], to: [x, DECK_Y], width: 3 })),
];

function lineDistance([px, py]: Point, { from, to, width }: Line): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const along = Math.max(0, Math.min(1, ((px - from[0]) * dx + (py - from[1]) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(px - from[0] - along * dx, py - from[1] - along * dy) - width / 2;
}

/** Negative inside the mark, in units of the box. */
function markDistance(point: Point): number {
  const arch =
    point[1] > DECK_Y
      ? Infinity
      : Math.abs(Math.hypot(point[0] - ARCH.x, point[1] - ARCH.y) - ARCH.radius) - ARCH.width / 2;
  return Math.min(arch, ...LINES.map((line) => lineDistance(point, line)));
}

function squareDistance([x, y]: Point, corner: number): number {
  const [dx, dy] = [Math.abs(x - BOX / 2) - BOX / 2 + corner, Math.abs(y - BOX / 2) - BOX / 2 + corner];
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - corner;
}

interface Look {
  /** Corner radius of the ground in units of the box; null: no ground, the mark alone in white. */
  corner: number | null;
  /** Size of the mark; a maskable icon keeps it inside the safe circle. */
  scale: number;
}

function pixels(size: number, { corner, scale }: Look): Buffer {
  const rows = Buffer.alloc(size * (size * 4 + 1));
  const unit = BOX / size;
  const cover = (distance: number, units: number): number => Math.max(0, Math.min(1, 0.5 - distance / units));
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const point: Point = [(column + 0.5) * unit, (row + 0.5) * unit];
      const inMark: Point = [(point[0] - BOX / 2) / scale + BOX / 2, (point[1] - BOX / 2) / scale + BOX / 2];
      const ink = cover(markDistance(inMark), unit / scale);
      const ground = corner === null ? 0 : cover(squareDistance(point, corner), unit);
      const at = row * (size * 4 + 1) + 1 + column * 4;
      const colour = corner === null ? WHITE : BRAND.map((value, index) => value + (WHITE[index]! - value) * ink);
      rows.set([...colour.map(Math.round), Math.round(255 * (corner === null ? ink : ground))], at);
    }
  }
  return rows;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function png(size: number, look: Look): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(pixels(size, look), { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

function svg(): string {
  const place = (value: number): string => value.toFixed(2).replace(/\.?0+$/, '');
  const lines = LINES.map(
    ({ from, to, width }) =>
      `<path d="M${from.map(place).join(' ')}L${to.map(place).join(' ')}" stroke-width="${width}"/>`,
  );
  const arch = `<path d="M10 ${DECK_Y}A${ARCH.radius} ${ARCH.radius} 0 0 1 54 ${DECK_Y}" stroke-width="${ARCH.width}"/>`;
  const mark = `<g id="mark" fill="none" stroke="currentColor" stroke-linecap="round">${arch}${lines.join('')}</g>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${BOX} ${BOX}" color="#fff"><rect width="${BOX}" height="${BOX}" rx="14" fill="#0b5cad"/>${mark}</svg>\n`;
}

mkdirSync(OUT, { recursive: true });
writeFileSync(new URL('icon.svg', OUT), svg());
writeFileSync(new URL('icon-192.png', OUT), png(192, { corner: 14, scale: 1 }));
writeFileSync(new URL('icon-512.png', OUT), png(512, { corner: 14, scale: 1 }));
writeFileSync(new URL('maskable-512.png', OUT), png(512, { corner: 0, scale: 0.78 }));
writeFileSync(new URL('badge-96.png', OUT), png(96, { corner: null, scale: 1.15 }));
