/**
 * Saves changes one call at a time. What is chosen while a call is under way goes along with the next one, so the last
 * choice wins.
 * @returns what to call with a change: it answers what the last call answered, or undefined at once when a call that is
 * under way will be followed by one with this change.
 */
export function lastWins<Change extends object, Answer>(
  save: (change: Change) => Promise<Answer>,
): (change: Change) => Promise<Answer | undefined> {
  let wanted: Change | undefined;
  return async (change) => {
    const waiting = wanted !== undefined;
    wanted = { ...wanted, ...change };
    if (waiting) return undefined;
    try {
      for (;;) {
        const sent: Change = wanted;
        const answer = await save(sent);
        if (sent === wanted) return answer;
      }
    } finally {
      wanted = undefined;
    }
  };
}
