/** Where the eye and the keyboard go when a form is refused. */
import { tick } from 'svelte';

/** Moves the focus to the first field that is marked as wrong inside `form`. */
export async function focusFirstError(form: HTMLElement | undefined): Promise<void> {
  await tick();
  form?.querySelector<HTMLElement>('[aria-invalid="true"], [data-wrong] input')?.focus();
}

/** The focus goes to the heading of a new step, so that a screen reader starts there. */
export function focusHere(node: HTMLElement): void {
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
}

/** A sheet of the desk begins in its first field, not on its cross; where fingers type, no keyboard springs up. */
export function beginHere(form: HTMLElement): void {
  if (!matchMedia('(pointer: fine)').matches) return;
  const first =
    form.querySelector<HTMLElement>('input, select, textarea') ?? form.querySelector<HTMLElement>('[type="submit"]');
  // Whichever comes first: the sheet that opens looks for this mark, one that is open does not.
  first?.setAttribute('autofocus', '');
  first?.focus();
}
