/** How large what goes up may be, and how a photo is brought below it. Pure. */

/** A photo of a page goes up in a few seconds on a village line. */
export const MOST_PHOTO_BYTES = 500_000;
/** As the server takes a file. */
export const MOST_FILE_BYTES = 10 * 1024 * 1024;
/** Enough for the small print of an identity card; the server keeps no more. */
export const LONGEST_SIDE = 2000;
const SIDES = [LONGEST_SIDE, 1600, 1280] as const;
const QUALITIES = [0.85, 0.75, 0.65, 0.5] as const;

/** Width and height with the longer side at most `longest`; never larger than it was. */
export function fit(width: number, height: number, longest: number): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** The best that is small enough: first less quality, then fewer dots; the smallest of all when none is. */
export async function smallEnough<Image extends { size: number }>(
  encode: (longest: number, quality: number) => Promise<Image>,
): Promise<Image> {
  let smallest: Image | undefined;
  for (const longest of SIDES)
    for (const quality of QUALITIES) {
      const image = await encode(longest, quality);
      if (image.size < MOST_PHOTO_BYTES) return image;
      if (!smallest || image.size < smallest.size) smallest = image;
    }
  return smallest ?? encode(LONGEST_SIDE, QUALITIES[0]);
}

export type FileProblem = 'empty' | 'too_big' | 'not_image' | 'not_pdf' | 'unreadable';
export type Accepted = 'image' | 'pdf';

/** What a file is, by its type or, where the phone gives none, by its name. */
export function kindOf({ type, name }: { type: string; name: string }): Accepted | undefined {
  if (type === 'application/pdf' || (type === '' && /\.pdf$/i.test(name))) return 'pdf';
  if (type.startsWith('image/') || isHeic({ type, name })) return 'image';
  return type === '' && /\.(jpe?g|png|webp)$/i.test(name) ? 'image' : undefined;
}

/** The format of iPhones that other browsers cannot open. */
export function isHeic({ type, name }: { type: string; name: string }): boolean {
  return /^image\/hei[cf]/.test(type) || /\.hei[cf]$/i.test(name);
}

/** What speaks against a file before it is opened. */
export function problemOf(
  file: { type: string; name: string; size: number },
  accepts: readonly Accepted[],
): FileProblem | undefined {
  const kind = kindOf(file);
  if (file.size === 0) return 'empty';
  if (kind === undefined) return 'unreadable';
  if (!accepts.includes(kind)) return kind === 'pdf' ? 'not_image' : 'not_pdf';
  return kind === 'pdf' && file.size > MOST_FILE_BYTES ? 'too_big' : undefined;
}
