/** Words about files: what is accepted, what is wrong with one, how far they have come. */
import { m } from '#lib/i18n/generated/messages.js';
import type { DocumentDefinition } from '../form/definition.ts';
import { spoken } from '../words.ts';
import type { Finding } from './quality.ts';
import type { FileProblem } from './sizes.ts';
import type { UploadState } from './uploads.svelte.ts';

export const PROBLEMS: Record<FileProblem | 'heic', () => string> = {
  empty: m.files_empty,
  too_big: m.files_too_big,
  not_image: m.files_not_image,
  not_pdf: m.files_not_pdf,
  unreadable: m.files_unreadable,
  heic: m.files_heic,
};

export const FINDINGS: Record<Finding, () => string> = {
  dark: m.files_dark,
  blank: m.files_blank,
  blurred: m.files_blurred,
};

const COPIES = { ORIGINAL: m.files_copy_ORIGINAL, COPY: m.files_copy_COPY, ELECTRONIC: m.files_copy_ELECTRONIC };

/** "Chụp bản chính. Ảnh chụp hoặc PDF, nhiều nhất 5 tệp." */
export function hintOf({ accepts, most, copy, help }: DocumentDefinition): string {
  const [image, pdf] = [accepts.includes('image'), accepts.includes('pdf')];
  const kinds = image && pdf ? m.files_hint_both : pdf ? m.files_hint_pdf : m.files_hint_image;
  return [spoken(help), copy && image ? COPIES[copy]() : '', kinds({ most })].filter((part) => part !== '').join(' ');
}

/** "Đã tải lên 2/3 tệp, 64 %". */
export function progressWords({ done, total, percent, paused }: UploadState): string {
  if (total === 0) return '';
  if (done === total) return m.files_progress_done({ total });
  return (paused ? m.files_progress_paused : m.files_progress)({ done, total, percent });
}
