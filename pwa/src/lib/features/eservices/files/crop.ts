/** The frame that is kept of a photo, in parts of its width and height. Pure. */
export interface Frame {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export type Corner = 'top_left' | 'top_right' | 'bottom_left' | 'bottom_right';

export const CORNERS: readonly Corner[] = ['top_left', 'top_right', 'bottom_left', 'bottom_right'];
export const WHOLE: Frame = { left: 0, top: 0, right: 1, bottom: 1 };
/** A frame cannot be drawn together until nothing is left. */
const LEAST = 0.1;
const KEY_STEP = 0.02;

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

export function placeOf(frame: Frame, corner: Corner): { x: number; y: number } {
  return {
    x: corner.endsWith('left') ? frame.left : frame.right,
    y: corner.startsWith('top') ? frame.top : frame.bottom,
  };
}

/** The corner at a new place; the frame stays inside the photo and never turns inside out. */
export function moved(frame: Frame, corner: Corner, x: number, y: number): Frame {
  return {
    left: corner.endsWith('left') ? clamp(x, 0, frame.right - LEAST) : frame.left,
    right: corner.endsWith('right') ? clamp(x, frame.left + LEAST, 1) : frame.right,
    top: corner.startsWith('top') ? clamp(y, 0, frame.bottom - LEAST) : frame.top,
    bottom: corner.startsWith('bottom') ? clamp(y, frame.top + LEAST, 1) : frame.bottom,
  };
}

const KEYS: Partial<Record<string, [x: number, y: number]>> = {
  ArrowLeft: [-KEY_STEP, 0],
  ArrowRight: [KEY_STEP, 0],
  ArrowUp: [0, -KEY_STEP],
  ArrowDown: [0, KEY_STEP],
};

/** @returns undefined for a key that moves nothing. */
export function movedByKey(frame: Frame, corner: Corner, key: string): Frame | undefined {
  const step = KEYS[key];
  if (!step) return undefined;
  const { x, y } = placeOf(frame, corner);
  return moved(frame, corner, x + step[0], y + step[1]);
}

/** A quarter turn to the right takes the frame along. */
export function turned({ left, top, right, bottom }: Frame): Frame {
  return { left: 1 - bottom, top: left, right: 1 - top, bottom: right };
}
