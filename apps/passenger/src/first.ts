// Runs before anything else on the page: the code leaves the address bar, so that no history, share or referrer carries it.
const { pathname, hash } = location;
const scanned = /^\/r\/([\w-]{11}(?:[\w-]{5})?)\/?$/.exec(pathname)?.[1];
if (pathname.startsWith('/r/')) history.replaceState(null, '', '/');

/** The code of this scan, or nothing: the page was opened again. */
export const scannedCode = scanned;
/** Which part was asked for by address: my records, the notice. */
export const asked = pathname === '/my' ? 'records' : hash === '#rules' ? 'rules' : undefined;
