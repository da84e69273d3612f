// Registers the service worker: the page and its parts stay on the phone, so that the next scan asks nobody for them.

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}
const SCRIPT = '/sw.js';
let policy: { createScriptURL(url: string): string } | undefined;

export function serveOffline(): void {
  if (!('serviceWorker' in navigator)) return;
  const factory = (globalThis as { readonly trustedTypes?: PolicyFactory }).trustedTypes;
  // The one policy of this page, for the one address there is.
  policy ??= factory?.createPolicy('sw', { createScriptURL: () => SCRIPT });
  // 'all': else the browser would fetch the script seconds after every scan.
  void navigator.serviceWorker
    .register(policy?.createScriptURL(SCRIPT) ?? SCRIPT, { updateViaCache: 'all' })
    .catch(() => undefined);
}
