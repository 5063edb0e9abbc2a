/** A photo of a paper: made small on the phone before it goes up, because the paper is what counts, not the pixels. */
import { Fault, Offline } from '#lib/graphql/failure.ts';
import { failureIn } from '#lib/graphql/refusal.ts';

/** As the server draws it anew. */
export const LONGEST_SIDE = 1600;
export const MOST_PHOTOS = 3;
const QUALITY = 0.8;
const TIME_LIMIT_MS = 60_000;

export interface Photo {
  key: string;
  image: Blob;
  /** The server's name for it, once it is there. */
  id: string | null;
}

/** Width and height with the longer side at most `longest`; never larger than it was. */
export function fit(width: number, height: number, longest: number): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** @throws when this browser cannot read the file as an image. */
export async function shrink(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const size = fit(bitmap.width, bitmap.height, LONGEST_SIDE);
  const canvas = document.createElement('canvas');
  Object.assign(canvas, size);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  // Where an image is transparent a JPEG would be black.
  context.fillStyle = 'white';
  context.fillRect(0, 0, size.width, size.height);
  context.drawImage(bitmap, 0, 0, size.width, size.height);
  bitmap.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no image'))), 'image/jpeg', QUALITY);
  });
}

/** @returns the server's id of the photo. @throws ProblemError, Fault or Offline. */
export async function upload(student: string, image: Blob): Promise<string> {
  let response: Response;
  try {
    response = await fetch(`/leave/photos?student=${encodeURIComponent(student)}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'image/jpeg', 'x-nhipcau': '1' },
      body: image,
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
  } catch {
    throw new Offline();
  }
  if (!response.ok) throw failureIn(await response.text());
  const { photo } = (await response.json()) as { photo?: string };
  if (!photo) throw new Fault(null);
  return photo;
}
