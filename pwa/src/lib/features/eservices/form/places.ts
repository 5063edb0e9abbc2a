/** Where a complaint leads: each field and each document of a form has a place in the page. */
import { tick } from 'svelte';

const CONTROL = 'input:not([type=hidden]), select, textarea, button';

/** The id in the page of "field:children.1.name" or "document:photo". */
export function placeId(path: string): string {
  return path.replace(':', '-');
}

/** Brings the eye and the keyboard to the place; a row that is not there leads to its field. */
export async function goToPlace(path: string): Promise<boolean> {
  await tick();
  const [whole = path] = path.split('.');
  const place = document.getElementById(placeId(path)) ?? document.getElementById(placeId(whole));
  if (!place) return false;
  const controls = [...place.querySelectorAll<HTMLElement>(CONTROL)];
  const control = controls.find((one) => one.getAttribute('aria-invalid') === 'true') ?? controls[0] ?? place;
  control.focus({ preventScroll: true });
  place.scrollIntoView({ block: 'center' });
  return true;
}
