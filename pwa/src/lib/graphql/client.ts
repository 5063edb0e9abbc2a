/**
 * The only place that talks to /graphql. It sends the id of a trusted document, never its text. Works in a window and
 * in the service worker alike.
 */
import type { TadaDocumentNode } from 'gql.tada';

import { Fault, Offline, ProblemError } from './failure.ts';
import type { ProblemField } from './failure.ts';

/** A slow village line answers within this time or not at all. */
export const TIME_LIMIT_MS = 15_000;

/** What a document is at run time: the Vite plug-in in scripts/ puts this in place of the parsed text. */
export interface OperationId {
  id: string;
  name: string;
}

interface ServerError {
  message: string;
  extensions?: { code?: string; request?: string; fields?: ProblemField[]; retryAfter?: number | null };
}

interface Answer {
  data?: Record<string, unknown> | null;
  errors?: ServerError[];
}

/** Results without the `Problem` member of their unions: run() has thrown it. */
export type Settled<Result> = { [Field in keyof Result]: Exclude<Result[Field], { __typename: 'Problem' }> };

export function identityOf(document: TadaDocumentNode<unknown, never> | object): OperationId {
  return document as unknown as OperationId;
}

async function post(id: string, variables: unknown, signal?: AbortSignal): Promise<Response> {
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  try {
    return await fetch('/graphql', {
      method: 'POST',
      credentials: 'same-origin',
      // A foreign page cannot set this header without asking first: together with the cookie's SameSite it stops CSRF.
      headers: { 'content-type': 'application/json', 'x-nhipcau': '1' },
      body: JSON.stringify({ id, variables }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch {
    throw new Offline();
  }
}

function refuse(error: ServerError): never {
  const { code, request, fields, retryAfter } = error.extensions ?? {};
  if (!code || code === 'FAULT') throw new Fault(request ?? null);
  throw new ProblemError({ code, message: error.message, fields, retryAfter });
}

async function parse(response: Response): Promise<Answer> {
  try {
    return (await response.json()) as Answer;
  } catch {
    // A proxy's page in place of an answer, or a body cut off on the way.
    if (response.ok) throw new Offline();
    throw new Fault(null);
  }
}

function isProblem(value: unknown): value is { code: string; message: string } {
  return typeof value === 'object' && value !== null && (value as { __typename?: string }).__typename === 'Problem';
}

/**
 * Runs one trusted document.
 * @throws ProblemError when the server refuses (also a `Problem` member of a mutation's union), Fault, or Offline.
 */
export async function run<Result, Variables>(
  document: TadaDocumentNode<Result, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Settled<Result>> {
  const response = await post(identityOf(document).id, variables ?? {}, signal);
  const answer = await parse(response);
  const [error] = answer.errors ?? [];
  if (error) refuse(error);
  if (!answer.data) throw new Fault(null);
  for (const value of Object.values(answer.data)) if (isProblem(value)) throw new ProblemError(value);
  return answer.data as Settled<Result>;
}
