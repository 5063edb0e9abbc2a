/**
 * One file on its way to the server, piece by piece (tus 1.0): after a lost network it goes on where the server says it
 * stopped. Sending a piece twice changes nothing.
 */
import { Fault, Offline } from '#lib/graphql/failure.ts';
import { failureIn } from '#lib/graphql/refusal.ts';

export const PIECE_BYTES = 256 * 1024;
/** A piece on the slowest line that still deserves the name. */
const TIME_LIMIT_MS = 60_000;
const [GONE, NOT_FOUND, CONFLICT] = [410, 404, 409];

export interface Parcel {
  file: Blob;
  name: string;
  /** In hexadecimal. */
  sha256: string;
  /** The server's address of it, once it has one. */
  address: string | null;
}

export interface Watch {
  /** The server has made a place for it: worth remembering. */
  onaddress: (address: string) => void;
  onprogress: (sent: number) => void;
  signal?: AbortSignal;
}

const inBase64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

async function ask(
  address: string,
  init: RequestInit & { headers?: Record<string, string> },
  signal?: AbortSignal,
): Promise<Response> {
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  let response: Response;
  try {
    response = await fetch(address, {
      ...init,
      credentials: 'same-origin',
      headers: { 'tus-resumable': '1.0.0', 'x-nhipcau': '1', ...init.headers },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch {
    throw new Offline();
  }
  return response;
}

async function expectFine(response: Response): Promise<Response> {
  if (!response.ok) throw failureIn(await response.text());
  return response;
}

async function create({ file, name, sha256 }: Parcel, signal?: AbortSignal): Promise<string> {
  const response = await expectFine(
    await ask(
      '/uploads',
      {
        method: 'POST',
        headers: {
          'upload-length': String(file.size),
          'upload-metadata': `filename ${inBase64(name)},sha256 ${inBase64(sha256)}`,
        },
      },
      signal,
    ),
  );
  const address = response.headers.get('location');
  if (!address) throw new Fault(null);
  // Behind a proxy the server may name itself otherwise: only the path counts.
  return new URL(address, location.origin).pathname;
}

interface State {
  sent: number;
  stored: string | null;
}

function stateIn(response: Response): State {
  return { sent: Number(response.headers.get('upload-offset') ?? 0), stored: response.headers.get('upload-stored') };
}

/** How far it has come; undefined when the server no longer knows it. */
async function look(address: string, signal?: AbortSignal): Promise<State | undefined> {
  const response = await ask(address, { method: 'HEAD' }, signal);
  if (response.status === NOT_FOUND || response.status === GONE) return undefined;
  // An answer to HEAD has no body that could say why.
  if (!response.ok) throw new Fault(null);
  return stateIn(response);
}

/** @returns undefined when the server is at another place than was thought. */
async function push(address: string, file: Blob, from: number, signal?: AbortSignal): Promise<State | undefined> {
  const response = await ask(
    address,
    {
      method: 'PATCH',
      headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(from) },
      body: file.slice(from, from + PIECE_BYTES),
    },
    signal,
  );
  if (response.status === CONFLICT) return undefined;
  await expectFine(response);
  return { ...stateIn(response), sent: Math.min(from + PIECE_BYTES, file.size) };
}

/** Where the last piece begins: sent again, it answers what became of the whole. */
export function lastPiece(size: number): number {
  return Math.max(0, Math.ceil(size / PIECE_BYTES) - 1) * PIECE_BYTES;
}

/**
 * Sends what is missing.
 * @returns the server's id of the stored file.
 * @throws ProblemError when the server does not take the file or asks to wait, Fault, or Offline: go on later.
 */
export async function send(parcel: Parcel, { onaddress, onprogress, signal }: Watch): Promise<string> {
  const { file } = parcel;
  let address = parcel.address;
  let state = address === null ? undefined : await look(address, signal);
  // Wrong places may be answered for ever by a broken server; a person would not wait for that.
  let lost = 0;
  const MOST_LOST = 5;
  while (lost < MOST_LOST) {
    if (address === null || !state) {
      address = await create(parcel, signal);
      onaddress(address);
      state = { sent: 0, stored: null };
    }
    onprogress(state.sent);
    if (state.stored) return state.stored;
    const next: State | undefined = await push(address, file, Math.min(state.sent, lastPiece(file.size)), signal);
    if (next) {
      if (next.sent >= file.size && !next.stored) throw new Fault(null);
      state = next;
    } else {
      lost += 1;
      state = await look(address, signal);
    }
  }
  throw new Fault(null);
}

/** Nobody needs it any more; failing does no harm, the server forgets it by itself. */
export async function cancel(address: string): Promise<void> {
  try {
    await ask(address, { method: 'DELETE' });
  } catch {
    // Offline: it expires.
  }
}
