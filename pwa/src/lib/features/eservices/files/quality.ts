/**
 * Whether a photo of a paper can be read, judged on a small grey copy. It only advises: a faint stamp on white paper is
 * a paper too, and the person decides. Pure.
 */

/** Brightness 0–255, row by row. */
export interface Grey {
  width: number;
  height: number;
  data: Uint8Array;
}

export type Finding = 'dark' | 'blank' | 'blurred';

/** The longer side of the grey copy; larger ones say nothing more and cost an old phone a second. */
export const GREY_SIDE = 512;
/** Darker on average, and letters are lost in noise. */
const DARKEST_MEAN = 55;
const BLOCK = 16;
/** A block of plain paper varies less, even in the shade of a hand. */
const WRITTEN_VARIANCE = 90;
/** With less of it written on, a photo shows the wrong side of the paper, or the table. */
const LEAST_WRITTEN = 0.004;
/** Where letters are sharp, brightness changes from dot to dot as much as it changes at all; smeared ones do so less. */
const SHARP_SHARE = 0.6;

/** Of the dots of a canvas (red, green, blue, opacity): brightness as the eye weighs it. */
export function greyOf(rgba: Uint8ClampedArray | Uint8Array, width: number, height: number): Grey {
  const data = new Uint8Array(width * height);
  for (let at = 0; at < data.length; at += 1) {
    const from = at * 4;
    data[at] = 0.299 * (rgba[from] ?? 0) + 0.587 * (rgba[from + 1] ?? 0) + 0.114 * (rgba[from + 2] ?? 0);
  }
  return { width, height, data };
}

export function mean({ data }: Pick<Grey, 'data'>): number {
  let sum = 0;
  for (const value of data) sum += value;
  return data.length === 0 ? 0 : sum / data.length;
}

interface Block {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

function blocks({ width, height }: Grey): Block[] {
  const found: Block[] = [];
  for (let top = 0; top < height; top += BLOCK)
    for (let left = 0; left < width; left += BLOCK)
      found.push({ left, top, right: Math.min(left + BLOCK, width), bottom: Math.min(top + BLOCK, height) });
  return found;
}

/** How much the brightness of a block varies. */
export function variance({ width, data }: Grey, { left, top, right, bottom }: Block): number {
  let [sum, squares, count] = [0, 0, 0];
  for (let y = top; y < bottom; y += 1)
    for (let x = left; x < right; x += 1) {
      const value = data[y * width + x] ?? 0;
      sum += value;
      squares += value * value;
      count += 1;
    }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}

/** How sharply it changes from dot to dot inside the blocks: the mean square of the Laplacian. */
export function sharpness({ width, height, data }: Grey, within: readonly Block[]): number {
  let [squares, count] = [0, 0];
  for (const { left, top, right, bottom } of within)
    for (let y = Math.max(top, 1); y < Math.min(bottom, height - 1); y += 1)
      for (let x = Math.max(left, 1); x < Math.min(right, width - 1); x += 1) {
        const at = y * width + x;
        const around = (data[at - 1] ?? 0) + (data[at + 1] ?? 0) + (data[at - width] ?? 0) + (data[at + width] ?? 0);
        squares += (around - 4 * (data[at] ?? 0)) ** 2;
        count += 1;
      }
  return count === 0 ? 0 : squares / count;
}

/** The first thing to say about the photo, if there is one: a dark photo is not also called blurred. */
export function findingOf(grey: Grey): Finding | undefined {
  if (mean(grey) < DARKEST_MEAN) return 'dark';
  const all = blocks(grey);
  const written = all.filter((block) => variance(grey, block) > WRITTEN_VARIANCE);
  if (written.length < Math.max(1, all.length * LEAST_WRITTEN)) return 'blank';
  const varied = written.reduce((sum, block) => sum + variance(grey, block), 0) / written.length;
  return sharpness(grey, written) / varied < SHARP_SHARE ? 'blurred' : undefined;
}
