// The console: menu at the left, open cases as tabs, one view at a time. The address says which.
import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CaseworkSession } from '@tongche/contract';
import '@tongche/ui/tokens.css';
import './authority.css';
import { api } from './api.ts';
import { makeContext } from './context.ts';
import { demoPeople } from './demo-people.ts';
import { usePlace } from './router.ts';
import { CasePage } from './views/case.tsx';
import { Cases } from './views/cases.tsx';
import { Keys } from './views/keys.tsx';
import { Log } from './views/log.tsx';
import { Passkeys } from './views/passkeys.tsx';
import { SignIn } from './views/sign-in.tsx';
import { firstLanguage, words, type Say } from './words.ts';

interface Tab {
  readonly caseId: string;
  readonly caseNo: string;
}
const tabsKey = 'casework-tabs';
/** As many tabs as a wide screen can show; the oldest goes first. */
const maxTabs = 8;

/** Counts up whenever the server says that something changed, so that views load again. */
function useVersion(signedIn: boolean): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    if (!signedIn) return undefined;
    const source = new EventSource('/api/events');
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Bursts (a thousand receipts) become one reload.
    const bump = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setVersion((now) => now + 1);
      }, 300);
    };
    for (const name of ['case', 'contacts', 'keys']) source.addEventListener(name, bump);
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [signedIn]);
  return version;
}

function useTabs() {
  const [tabs, setTabs] = useState<readonly Tab[]>(() => JSON.parse(sessionStorage.getItem(tabsKey) ?? '[]') as Tab[]);
  useEffect(() => sessionStorage.setItem(tabsKey, JSON.stringify(tabs)), [tabs]);
  return {
    tabs,
    add: (tab: Tab) =>
      setTabs((now) =>
        now.some((each) => each.caseId === tab.caseId && each.caseNo === tab.caseNo)
          ? now
          : [...now.filter((each) => each.caseId !== tab.caseId), tab].slice(-maxTabs),
      ),
    remove: (caseId: string) => setTabs((now) => now.filter((each) => each.caseId !== caseId)),
    clear: () => setTabs([]),
  };
}

function Menu({
  session,
  t,
  view,
  onPerson,
  onSignOut,
  onLanguage,
}: {
  readonly session: CaseworkSession;
  readonly t: Say;
  readonly view: string;
  readonly onPerson: (account: string) => void;
  readonly onSignOut: () => void;
  readonly onLanguage: () => void;
}) {
  const places = [
    ['cases', 'M4 5h12M4 10h12M4 15h8'],
    ['keys', 'M6 3h8M6 17h8M7 3c0 4 6 5 6 7s-6 3-6 7M13 3c0 4-6 5-6 7s6 3 6 7'],
    ['log', 'M5 3h7l3 3v11H5zM8 8h4M8 11h4M8 14h3'],
    ['passkeys', 'M13 7a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM10 10v7M10 14h3M10 17h2'],
  ] as const;
  return (
    <nav class="menu">
      <b class="name">
        同车 <small>{t('title')}</small>
      </b>
      {places.map(([place, icon]) => (
        <a
          key={place}
          href={`#/${place}`}
          aria-current={view === place || (place === 'cases' && view === 'case') ? 'page' : undefined}
        >
          <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d={icon} />
          </svg>{' '}
          {t(place)}
        </a>
      ))}
      <span class="space" />
      <p class="who">
        <b>{session.name[document.documentElement.lang === 'en' ? 'en' : 'zh']}</b>
        <small>
          {t(session.role)}
          {session.demo ? ` · ${t('demo')}` : ''}
        </small>
      </p>
      {session.demo && (
        <label class="switch">
          {t('switchTo')}
          <select value={session.person} onChange={(event) => onPerson(event.currentTarget.value)}>
            {demoPeople.map((person) => (
              <option key={person.account} value={person.account}>
                {t(person.role)}
              </option>
            ))}
          </select>
        </label>
      )}
      <div class="bar">
        <button class="link" onClick={onLanguage}>
          {t('language')}
        </button>
        <button class="link" onClick={onSignOut}>
          {t('signOut')}
        </button>
      </div>
    </nav>
  );
}

function App() {
  const [language, setLanguage] = useState(firstLanguage);
  const [session, setSession] = useState<CaseworkSession>();
  const [ready, setReady] = useState(false);
  const place = usePlace();
  const version = useVersion(session !== undefined);
  const tabs = useTabs();
  const t = useMemo(() => words(language), [language]);
  const refresh = () =>
    api
      .session()
      .then(setSession, () => setSession(undefined))
      .finally(() => setReady(true));

  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  useEffect(() => void refresh(), []);
  useEffect(() => {
    localStorage.setItem('casework-language', language);
    document.title = `${t('title')} · 同车`;
  }, [language]);
  if (!ready) return <main aria-busy="true" />;
  const otherLanguage = () => setLanguage(language === 'zh' ? 'en' : 'zh');
  if (session === undefined) {
    return (
      <>
        <button class="link corner" onClick={otherLanguage}>
          {t('language')}
        </button>
        <SignIn language={language} t={t} onSession={setSession} />
      </>
    );
  }
  const context = makeContext(session, language, t);
  async function become(account: string): Promise<void> {
    const person = demoPeople.find((each) => each.account === account);
    if (person !== undefined) setSession(await api.signIn(person.account, person.password));
  }
  async function signOut(): Promise<void> {
    await api.signOut().catch(() => {});
    tabs.clear();
    setSession(undefined);
  }
  return (
    <div class="app">
      <Menu
        session={session}
        t={t}
        view={place.view}
        onPerson={(account) => void become(account)}
        onSignOut={() => void signOut()}
        onLanguage={otherLanguage}
      />
      <div class="content">
        {tabs.tabs.length > 0 && (
          <div class="tabs" role="navigation" aria-label={t('cases')}>
            <a href="#/cases" aria-current={place.view === 'cases' ? 'page' : undefined}>
              {t('cases')}
            </a>
            {tabs.tabs.map((tab) => (
              <span key={tab.caseId} class={place.view === 'case' && place.caseId === tab.caseId ? 'current' : ''}>
                <a
                  href={`#/cases/${encodeURIComponent(tab.caseId)}`}
                  aria-current={place.view === 'case' && place.caseId === tab.caseId ? 'page' : undefined}
                >
                  {tab.caseNo}
                </a>
                <button
                  class="link"
                  aria-label={`${t('close')} ${tab.caseNo}`}
                  onClick={() => {
                    tabs.remove(tab.caseId);
                    if (place.view === 'case' && place.caseId === tab.caseId) location.hash = '#/cases';
                  }}
                >
                  ✕
                </button>
              </span>
            ))}
          </div>
        )}
        <main>
          {place.view === 'cases' && (
            <Cases
              context={context}
              version={version}
              onOpen={(one) => {
                location.hash = `#/cases/${encodeURIComponent(one.caseId)}`;
              }}
            />
          )}
          {place.view === 'case' && (
            <CasePage
              key={place.caseId}
              context={context}
              caseId={place.caseId}
              version={version}
              onTitle={(caseNo) => tabs.add({ caseId: place.caseId, caseNo })}
            />
          )}
          {place.view === 'keys' && <Keys context={context} version={version} />}
          {place.view === 'log' && <Log context={context} version={version} />}
          {place.view === 'passkeys' && <Passkeys context={context} onChange={() => void refresh()} />}
        </main>
      </div>
    </div>
  );
}

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
