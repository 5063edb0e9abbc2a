/** Language, theme and text size of the viewer, put on <html> and kept for static/appearance.js at the next start. */
import { getLocale, setLocale } from '../i18n/generated/runtime.js';

export interface Appearance {
  language: 'vi' | 'en';
  theme: 'SYSTEM' | 'LIGHT' | 'DARK' | 'CONTRAST';
  textSize: 'NORMAL' | 'LARGE' | 'LARGEST';
}

const PERCENT = { NORMAL: '100', LARGE: '115', LARGEST: '130' } as const;

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Shown now, asked from the server again at the next start.
  }
}

export function applyAppearance({ language, theme, textSize }: Appearance): void {
  const root = document.documentElement;
  root.dataset['theme'] = theme.toLowerCase();
  root.dataset['text'] = PERCENT[textSize];
  root.lang = language;
  keep('nhipcau.theme', theme.toLowerCase());
  keep('nhipcau.text', PERCENT[textSize]);
  // Loads the page again: the messages of one language are read once.
  if (getLocale() !== language) void setLocale(language);
}
