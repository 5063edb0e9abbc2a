/** Short confirmations at the foot of the screen. What must be acted on belongs on the screen itself. */
export interface ToastMessage {
  key: number;
  text: string;
  tone: 'good' | 'bad' | 'plain';
}

/** Long enough to read two lines aloud. */
const SHOWN_MS = 6_000;

let next = 0;
const shown = $state<ToastMessage[]>([]);

export function toasts(): readonly ToastMessage[] {
  return shown;
}

export function dismiss(key: number): void {
  const at = shown.findIndex((message) => message.key === key);
  if (at >= 0) shown.splice(at, 1);
}

export function toast(text: string, tone: ToastMessage['tone'] = 'good'): void {
  const key = next++;
  shown.push({ key, text, tone });
  setTimeout(() => dismiss(key), SHOWN_MS);
}
