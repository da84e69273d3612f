// The address is the state: `#/vehicles?line=M133&state=no-sign-in&open=bus-7`. Back, reload, a second window and a link
// sent to a colleague just work.
import { useEffect, useState } from 'preact/hooks';

export const views = ['overview', 'vehicles', 'doubts', 'codes', 'imports', 'retention'] as const;
export type View = (typeof views)[number];
/** Filters, the day, what is open. An empty value is the same as none. */
export type Params = Readonly<Record<string, string>>;
export interface Place {
  readonly view: View;
  readonly params: Params;
}

export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const view = views.find((each) => each === path) ?? 'overview';
  const params: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) if (value !== '') params[name] = value;
  return { view, params };
}

export function hashOf(view: View, params: Params = {}): string {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== '')).toString();
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}

/** Goes to a place. `replace`: without a step in the history, for what changes while somebody types. */
export function go(view: View, params: Params = {}, replace = false): void {
  const hash = hashOf(view, params);
  if (hash === location.hash) return;
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const onChange = () => setPlace(placeOf(location.hash));
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return place;
}
