/** Codes of papers, as they are printed and as they are typed; the digest of a file. */

/** Capitals without the gaps people put between groups. */
export function cleanPaperCode(text: string): string {
  return text.toUpperCase().replace(/[^0-9A-Z]/g, '');
}

/** "ABCD EFGH JKLM NPQR": in groups of four, as it is printed. */
export function groupedCode(code: string): string {
  return (cleanPaperCode(code).match(/.{1,4}/g) ?? []).join(' ');
}

/** SHA-256 as lower-case hexadecimal digits. */
export async function digestOf(bytes: ArrayBuffer): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
