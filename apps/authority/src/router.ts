// The address is the state: `#/cases`, `#/cases/ID`, `#/keys`, `#/log`, `#/passkeys`. Back, reload and a second window just work.
import { useEffect, useState } from 'preact/hooks';

export type Place =
  | { readonly view: 'cases' }
  | { readonly view: 'case'; readonly caseId: string }
  | { readonly view: 'keys' | 'log' | 'passkeys' };

export function placeOf(hash: string): Place {
  const [view, id] = hash.replace(/^#\/?/, '').split('/');
  if (view === 'cases' && id !== undefined && id !== '') return { view: 'case', caseId: decodeURIComponent(id) };
  if (view === 'keys' || view === 'log' || view === 'passkeys') return { view };
  return { view: 'cases' };
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
