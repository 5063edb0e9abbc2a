/** Whether the device has a network. "Online" is only a hint; a failed request tells the truth for its own screen. */
let online = $state(typeof navigator === 'undefined' || navigator.onLine);

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => (online = true));
  window.addEventListener('offline', () => (online = false));
}

export const network = {
  get online() {
    return online;
  },
};
