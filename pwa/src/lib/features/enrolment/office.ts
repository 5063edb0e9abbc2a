/** What does not fit GraphQL: workbooks going up, printed slips coming down. Refusals arrive as they do from /graphql. */
import { Offline } from '#lib/graphql/failure.ts';
import { failureIn } from '#lib/graphql/refusal.ts';

const HEADER = ['x-nhipcau', '1'] as const;

export const MOST_FILES = 4;
export const MOST_MIB = 10;

/**
 * Sends workbooks for a dry run. XMLHttpRequest, because only it tells how much has gone up.
 * @returns the id of the import. @throws ProblemError, Fault or Offline.
 */
export function upload(school: string, files: readonly File[], onprogress: (part: number) => void): Promise<string> {
  const form = new FormData();
  for (const file of files) form.append('files', file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/imports?school=${encodeURIComponent(school)}`);
    request.setRequestHeader(...HEADER);
    request.upload.onprogress = ({ loaded, total }) => onprogress(total > 0 ? loaded / total : 0);
    request.onerror = () => reject(new Offline());
    request.onload = () => {
      if (request.status === 202) resolve((JSON.parse(request.responseText) as { batch: string }).batch);
      else reject(failureIn(request.responseText));
    };
    request.send(form);
  });
}

/** New slips of a class as a PDF; the older ones stop working. @throws ProblemError, Fault or Offline. */
export async function printSlips(classGroup: string): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(`/slips/${classGroup}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { [HEADER[0]]: HEADER[1] },
    });
  } catch {
    throw new Offline();
  }
  if (!response.ok) throw failureIn(await response.text());
  return response.blob();
}

/** Puts a file among the downloads of the device; works where a new window would be stopped. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
