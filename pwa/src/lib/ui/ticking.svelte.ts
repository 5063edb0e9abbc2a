import { clock } from '../graphql/read.ts';

/** A clock on the screen. Call it while a component is being set up; it stands still while the window is hidden. */
export function ticking(everyMs: number): { readonly now: Date } {
  let now = $state.raw(clock());

  $effect(() => {
    const tick = (): void => {
      if (document.visibilityState !== 'hidden') now = clock();
    };
    const timer = setInterval(tick, everyMs);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  });

  return {
    get now() {
      return now;
    },
  };
}
