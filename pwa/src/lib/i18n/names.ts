/** Names the server keeps in two languages. */
import type { Language } from './format.ts';

export function subjectName(subject: { name: string; nameEn: string }, language: Language): string {
  return language === 'vi' ? subject.name : subject.nameEn;
}
