/** The keyboard at the desk. Letters work only outside of fields and without Ctrl, Alt or Meta. */
import type { Action } from './allowed.ts';

export const LETTERS = { a: 'accept', s: 'supplement', r: 'refuse', h: 'handOver', n: 'note' } as const;
export type Letter = keyof typeof LETTERS;
export type Command = (typeof LETTERS)[Letter];

/** What a letter means depends on where the dossier is: the first of these that is allowed. */
const MEANINGS: Record<Command, readonly Action[]> = {
  accept: ['acceptStart', 'start', 'advance', 'complete', 'confirmPayment', 'giveBack'],
  supplement: ['supplement'],
  refuse: ['reject', 'stop'],
  handOver: ['handOver'],
  note: ['note'],
};

export function isCommand(word: string | null): word is Command {
  return word !== null && word in MEANINGS;
}

export function actionFor(command: Command, allowed: readonly Action[]): Action | undefined {
  return MEANINGS[command].find((action) => allowed.includes(action));
}

export type Pressed = { move: number } | { command: Command } | 'open' | 'help' | undefined;

interface Press {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

/** `writing`: the focus is in a field or a dialog, which has its own use for keys. */
export function pressed({ key, ctrlKey, altKey, metaKey }: Press, writing: boolean): Pressed {
  if (writing || ctrlKey || altKey || metaKey) return undefined;
  if (key === 'ArrowDown') return { move: 1 };
  if (key === 'ArrowUp') return { move: -1 };
  if (key === 'Enter') return 'open';
  if (key === '?') return 'help';
  const letter = key.toLowerCase();
  return letter in LETTERS ? { command: LETTERS[letter as Letter] } : undefined;
}

/** Whether a press belongs to a field, a dialog or a button rather than to the page. */
export function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, select, dialog[open], [contenteditable]') !== null
  );
}
