/** What the server's other addresses (files going up and down) refuse with: the same errors as /graphql. */
import { Fault, ProblemError } from './failure.ts';
import type { ProblemField } from './failure.ts';

interface Refusal {
  errors?: {
    message: string;
    extensions?: { code?: string; request?: string; fields?: ProblemField[]; retryAfter?: number | null };
  }[];
}

export function failureIn(body: string): ProblemError | Fault {
  try {
    const [error] = (JSON.parse(body) as Refusal).errors ?? [];
    const { code, request, fields, retryAfter } = error?.extensions ?? {};
    if (!error || !code || code === 'FAULT') return new Fault(request ?? null);
    return new ProblemError({ code, message: error.message, fields, retryAfter });
  } catch {
    return new Fault(null);
  }
}
