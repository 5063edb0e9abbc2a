/** Everybody who may give a lesson at a school, all pages at once: a list to choose from must be whole. */
import { run } from '#lib/graphql/client.ts';
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import { TeachersQuery } from '#lib/graphql/documents/timetable_manage.ts';
import { toFailure } from '#lib/graphql/failure.ts';
import type { Failure } from '#lib/graphql/failure.ts';

type Answer = ResultOf<typeof TeachersQuery>;

export interface Teacher {
  id: string;
  name: string;
}

/** A school has at most some 200 teachers. */
const MOST_PAGES = 10;

export class Teachers {
  list = $state.raw<Teacher[]>();
  failure = $state.raw<Failure>();

  constructor(readonly school: string) {}

  async load(): Promise<void> {
    const found: Teacher[] = [];
    let after: string | null = null;
    this.failure = undefined;
    try {
      for (let page = 0; page < MOST_PAGES; page++) {
        const { staffMembers }: Answer = await run(TeachersQuery, { school: this.school, after });
        found.push(...staffMembers.nodes.map(({ user }) => ({ id: user.id, name: user.fullName })));
        if (!staffMembers.pageInfo.hasNextPage) break;
        after = staffMembers.pageInfo.endCursor;
      }
      this.list = found;
    } catch (error) {
      this.failure = toFailure(error);
    }
  }
}

/** The teachers of the class first, as the school assigned them; the others follow in their own order. */
export function assignedFirst(teachers: readonly Teacher[], assigned: readonly string[]): Teacher[] {
  const place = (teacher: Teacher): number => {
    const at = assigned.indexOf(teacher.name);
    return at < 0 ? assigned.length : at;
  };
  return [...teachers].sort((a, b) => place(a) - place(b));
}
