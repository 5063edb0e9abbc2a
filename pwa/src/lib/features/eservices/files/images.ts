/** A photo in the browser: opened, looked at, cut, and drawn anew small enough to go up. */
import type { Frame } from './crop.ts';
import { GREY_SIDE, greyOf } from './quality.ts';
import type { Grey } from './quality.ts';
import { fit, smallEnough } from './sizes.ts';

/** A photo as it is being looked at: `turns` quarter turns to the right. */
export interface Photo {
  bitmap: ImageBitmap;
  turns: number;
}

/** @throws when this browser cannot read the file as an image. */
export function openImage(file: Blob): Promise<ImageBitmap> {
  return createImageBitmap(file, { imageOrientation: 'from-image' });
}

function sizeOf({ bitmap, turns }: Photo): { width: number; height: number } {
  return turns % 2 === 0
    ? { width: bitmap.width, height: bitmap.height }
    : { width: bitmap.height, height: bitmap.width };
}

/** The part of the photo inside the frame, on a canvas with its longer side at most `longest`. */
export function draw(
  photo: Photo,
  frame: Frame,
  longest: number,
  canvas = document.createElement('canvas'),
): HTMLCanvasElement {
  const whole = sizeOf(photo);
  const [width, height] = [(frame.right - frame.left) * whole.width, (frame.bottom - frame.top) * whole.height];
  const size = fit(width, height, longest);
  Object.assign(canvas, size);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  // Where an image is transparent a JPEG would be black.
  context.fillStyle = 'white';
  context.fillRect(0, 0, size.width, size.height);
  const scale = size.width / width;
  context.scale(scale, scale);
  context.translate(whole.width / 2 - frame.left * whole.width, whole.height / 2 - frame.top * whole.height);
  context.rotate((photo.turns * Math.PI) / 2);
  context.drawImage(photo.bitmap, -photo.bitmap.width / 2, -photo.bitmap.height / 2);
  return canvas;
}

export function greyCopy(photo: Photo, frame: Frame): Grey {
  const canvas = draw(photo, frame, GREY_SIDE);
  const { width, height } = canvas;
  const dots = canvas.getContext('2d')?.getImageData(0, 0, width, height).data;
  return greyOf(dots ?? new Uint8Array(), width, height);
}

export function asJpeg(photo: Photo, frame: Frame): Promise<Blob> {
  return smallEnough(
    (longest, quality) =>
      new Promise((resolve, reject) => {
        const canvas = draw(photo, frame, longest);
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no image'))), 'image/jpeg', quality);
      }),
  );
}
