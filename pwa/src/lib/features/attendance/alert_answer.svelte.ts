/**
 * Answering an absence alert: one tap, said at once that it is being sent, and said to be sent only when the server has
 * it. Without an answer from the server it is tried again by itself while the screen is open.
 */
import { run } from '#lib/graphql/client.ts';
import type { AbsenceAlertFields } from '#lib/graphql/documents/alerts_family.ts';
import { AnswerAbsence } from '#lib/graphql/documents/alerts_family.ts';
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import { Offline, toFailure } from '#lib/graphql/failure.ts';
import type { Failure } from '#lib/graphql/failure.ts';
import { m } from '#lib/i18n/generated/messages.js';
import { noteUseful } from '#lib/session/useful.ts';

export type Alert = ResultOf<typeof AbsenceAlertFields>;
export type Answer = 'SICK' | 'FAMILY' | 'SHOULD_BE_AT_SCHOOL';

export const ANSWER_WORDS = {
  SICK: m.absence_answer_SICK,
  FAMILY: m.absence_answer_FAMILY,
  SHOULD_BE_AT_SCHOOL: m.absence_answer_SHOULD_BE_AT_SCHOOL,
};
export const ANSWERS: readonly Answer[] = ['SICK', 'FAMILY', 'SHOULD_BE_AT_SCHOOL'];

/** The answer that a notification put into the address. */
export function wantedAnswer(search: Pick<URLSearchParams, 'get'>): Answer | undefined {
  return ANSWERS.find((answer) => answer === search.get('answer'));
}

/** Nothing said yet; or something, and the guardian has thought better of it: the search is open until the end. */
export function mayAnswer({ status, answer }: Pick<Alert, 'status' | 'answer'>, next: Answer): boolean {
  if (status === 'OPEN') return answer === null || next === 'SHOULD_BE_AT_SCHOOL';
  return status === 'ANSWERED' && next === 'SHOULD_BE_AT_SCHOOL';
}

export class Answering {
  /** On its way to the server. */
  sending = $state<Answer>();
  /** Without a network: not sent, and tried again. */
  unsent = $state<Answer>();
  failure = $state.raw<Failure>();
  /** What the server said to the answer; newer than what the screen was opened with. */
  answered = $state.raw<Alert>();

  /** @returns whether the server has it now. */
  async send(alert: string, answer: Answer): Promise<boolean> {
    if (this.sending) return false;
    this.sending = answer;
    this.unsent = this.failure = undefined;
    try {
      const { answerAbsence } = await run(AnswerAbsence, { alert, answer });
      this.answered = answerAbsence.alert;
      noteUseful();
      return true;
    } catch (error) {
      if (error instanceof Offline) this.unsent = answer;
      else this.failure = toFailure(error);
      return false;
    } finally {
      this.sending = undefined;
    }
  }
}
