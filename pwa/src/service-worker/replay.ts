/** Background Sync: a register that waited on the phone is sent although the window is closed. */
import { run } from '../lib/graphql/client.ts';
import { ViewerQuery } from '../lib/graphql/documents/identity.ts';
import { flush, SYNC_TAG } from '../lib/offline/queue.ts';

export interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

/**
 * The worker does not know who is signed in, so it asks: only that person's operations go.
 * @throws when something still waits: the browser then comes back later.
 */
export async function onSync({ tag }: Pick<SyncEvent, 'tag'>): Promise<void> {
  if (tag !== SYNC_TAG) return;
  const { viewer } = await run(ViewerQuery, {});
  if (viewer && !(await flush(viewer.id))) throw new Error('waiting');
}
