/** Putting the application on the home screen. Browsers that offer it say so by an event; Safari has to be told how. */
import { isApple, isStandalone } from './platform.ts';

interface InstallEvent extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

let event = $state.raw<InstallEvent>();

if (typeof window !== 'undefined') {
  window.addEventListener('beforeinstallprompt', (offered) => {
    // The browser's own bar would come at a moment of its choosing.
    offered.preventDefault();
    event = offered as InstallEvent;
  });
  window.addEventListener('appinstalled', () => (event = undefined));
}

export const installing = {
  /** How it can be done here; undefined where it is done already, or cannot be. */
  get way(): 'prompt' | 'ios' | undefined {
    if (isStandalone()) return undefined;
    if (event) return 'prompt';
    return isApple(navigator) ? 'ios' : undefined;
  },

  /** Only after a tap. @returns whether the person agreed. */
  async ask(): Promise<boolean> {
    const asked = event;
    if (!asked) return false;
    event = undefined;
    const { outcome } = await asked.prompt();
    return outcome === 'accepted';
  },
};
