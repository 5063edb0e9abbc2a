/**
 * The fingerprint by which the server knows that every byte has arrived. Browsers offer it only over https; a phone
 * that reaches a school's own server by plain http counts it itself (FIPS 180-4).
 */
const BLOCK = 64;
const ROUNDS = 64;
/** Bits of length in the last block, after a byte 0x80. */
const LENGTH_BYTES = 8;

/** The first 32 bits of the fractional parts of roots of the first primes, as the standard defines its constants. */
function constants(root: 2 | 3, count: number): Uint32Array {
  const found = new Uint32Array(count);
  let prime = 2;
  for (let at = 0; at < count; prime += 1) {
    let divisor = 2;
    while (divisor * divisor <= prime && prime % divisor !== 0) divisor += 1;
    if (divisor * divisor <= prime) continue;
    const value = root === 2 ? Math.sqrt(prime) : Math.cbrt(prime);
    found[at] = Math.floor((value - Math.floor(value)) * 2 ** 32);
    at += 1;
  }
  return found;
}

const KEYS = constants(3, ROUNDS);
const START = constants(2, 8);

const turn = (value: number, by: number): number => (value >>> by) | (value << (32 - by));

function mix(state: Uint32Array, words: Uint32Array): void {
  for (let at = 16; at < ROUNDS; at += 1) {
    const [early, late] = [words[at - 15] ?? 0, words[at - 2] ?? 0];
    const first = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const second = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    words[at] = (words[at - 16] ?? 0) + first + (words[at - 7] ?? 0) + second;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let at = 0; at < ROUNDS; at += 1) {
    const upper = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const one = (h + upper + ((e & f) ^ (~e & g)) + (KEYS[at] ?? 0) + (words[at] ?? 0)) | 0;
    const lower = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const two = (lower + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, at) => (state[at] = (state[at] ?? 0) + value));
}

export function countSha256(bytes: Uint8Array): string {
  const padded = new Uint8Array(Math.ceil((bytes.length + 1 + LENGTH_BYTES) / BLOCK) * BLOCK);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - LENGTH_BYTES, Math.floor((bytes.length * 8) / 2 ** 32));
  view.setUint32(padded.length - LENGTH_BYTES / 2, (bytes.length * 8) >>> 0);
  const state = START.slice();
  const words = new Uint32Array(ROUNDS);
  for (let from = 0; from < padded.length; from += BLOCK) {
    for (let at = 0; at < 16; at += 1) words[at] = view.getUint32(from + at * 4);
    mix(state, words);
  }
  return [...state].map((value) => value.toString(16).padStart(8, '0')).join('');
}

/** In hexadecimal. */
export async function sha256(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  if (!subtle) return countSha256(bytes);
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return [...digest].map((value) => value.toString(16).padStart(2, '0')).join('');
}
