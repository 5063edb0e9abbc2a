/** The three ways a request can fail. Screens show Refused, Fault and the offline bar for them. */

export interface ProblemField {
  path: string;
  message: string;
}

/** The server understood and refused: `message` is in the viewer's language and says what to do. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly code: string;
  readonly fields: ProblemField[];
  /** Seconds until it makes sense to try again. */
  readonly retryAfter: number | null;

  constructor(problem: { code: string; message: string; fields?: ProblemField[]; retryAfter?: number | null }) {
    super(problem.message);
    this.code = problem.code;
    this.fields = problem.fields ?? [];
    this.retryAfter = problem.retryAfter ?? null;
  }

  /** The message for one field of a form, by its path. */
  field(path: string): string | undefined {
    return this.fields.find((field) => field.path === path)?.message;
  }
}

/** Something broke on the server. `requestId` finds it in the log; null when the answer did not come from it. */
export class Fault extends Error {
  override name = 'Fault';
  readonly requestId: string | null;

  constructor(requestId: string | null) {
    super(`fault ${requestId ?? '-'}`);
    this.requestId = requestId;
  }
}

/** No answer: no network, or none within the time limit. */
export class Offline extends Error {
  override name = 'Offline';
}

export type Failure = ProblemError | Fault | Offline;

export function toFailure(error: unknown): Failure {
  if (error instanceof ProblemError || error instanceof Fault || error instanceof Offline) return error;
  return new Fault(null);
}
