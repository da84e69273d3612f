// The operator's console: menu at the left, one view at a time, the address says which. Every view opens by keys, too.
import { render } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { StaffSession } from '@tongche/contract';
import '@tongche/ui/tokens.css';
import './operator.css';
import { api } from './api.ts';
import { makeContext } from './context.ts';
import { useKeys } from './hooks.ts';
import { Dialog } from './pieces.tsx';
import { go, hashOf, usePlace, views, type Params, type View } from './router.ts';
import { Codes } from './views/codes.tsx';
import { Doubts } from './views/doubts.tsx';
import { Imports } from './views/imports.tsx';
import { Overview } from './views/overview.tsx';
import { Retention } from './views/retention.tsx';
import { SignIn } from './views/sign-in.tsx';
import { Vehicles } from './views/vehicles.tsx';
import { firstLanguage, words, type Language, type Say } from './words.ts';

const icons: Readonly<Record<View, string>> = {
  overview: 'M3 17V9M8 17V4M13 17v-6M18 17V7',
  vehicles: 'M3 5h14v9H3zM3 10h14M6 14v2M14 14v2',
  doubts: 'M5 18V3M5 4h10l-2.5 3.5L15 11H5',
  codes: 'M3 3h5v5H3zM12 3h5v5h-5zM3 12h5v5H3zM12 12h2v2h-2zM15 15h2v2h-2z',
  imports: 'M10 3v9M6 9l4 4 4-4M3 16h14',
  retention: 'M4 5h12v12H4zM4 9h12M7 3v3M13 3v3M8 12l4 3M12 12l-4 3',
};
/** After `g`, the first letter of a view. */
const goKeys: Readonly<Record<string, View>> = {
  o: 'overview',
  v: 'vehicles',
  d: 'doubts',
  c: 'codes',
  i: 'imports',
  r: 'retention',
};
/** `g` waits so long for its letter. */
const goWithinMs = 1_500;

function Menu({
  session,
  language,
  t,
  view,
  onLanguage,
  onHelp,
  onSignOut,
}: {
  readonly session: StaffSession;
  readonly language: Language;
  readonly t: Say;
  readonly view: View;
  readonly onLanguage: () => void;
  readonly onHelp: () => void;
  readonly onSignOut: () => void;
}) {
  return (
    <nav class="menu" aria-label={t('menu')}>
      <b class="name">
        同车 <small>{t('title')}</small>
      </b>
      {views.map((each) => (
        <a key={each} href={hashOf(each)} aria-current={view === each ? 'page' : undefined}>
          <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d={icons[each]} />
          </svg>
          <span>{t(each)}</span>
        </a>
      ))}
      <span class="space" />
      <p class="who">
        <b>{session.name[language]}</b>
        {session.demo && <small>{t('demo')}</small>}
      </p>
      <div class="bar">
        <button class="link" onClick={onLanguage}>
          {t('language')}
        </button>
        <button class="link" onClick={onHelp}>
          {t('help')} <kbd>?</kbd>
        </button>
        <button class="link" onClick={onSignOut}>
          {t('signOut')}
        </button>
      </div>
    </nav>
  );
}

function Help({ t, onClose }: { readonly t: Say; readonly onClose: () => void }) {
  const keys = [
    ['/', 'key_search'],
    ['j k', 'key_move'],
    ['Enter o', 'key_open'],
    ['x', 'key_choose'],
    ['Esc', 'key_close'],
    ['g', 'key_go'],
    ['?', 'key_help'],
  ] as const;
  return (
    <Dialog title={t('keysTitle')} onClose={onClose}>
      <dl class="keys">
        {keys.map(([names, text]) => (
          <>
            <dt key={names}>
              {names.split(' ').map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{t(text)}</dd>
          </>
        ))}
      </dl>
      <form method="dialog" class="bar end">
        <button class="primary">{t('close')}</button>
      </form>
    </Dialog>
  );
}

function Console({
  session,
  language,
  t,
  onLanguage,
  onSignOut,
}: {
  readonly session: StaffSession;
  readonly language: Language;
  readonly t: Say;
  readonly onLanguage: () => void;
  readonly onSignOut: () => void;
}) {
  const place = usePlace();
  const [help, setHelp] = useState(false);
  const goSince = useRef(0);
  const content = useRef<HTMLElement>(null);
  const context = useMemo(() => makeContext(session, language, t), [session, language, t]);
  useEffect(() => {
    document.title = `${t(place.view)} · ${t('title')} · 同车`;
  }, [place.view, t]);
  useKeys((key) => {
    const target = goKeys[key];
    const isGo = performance.now() - goSince.current < goWithinMs;
    goSince.current = key === 'g' ? performance.now() : 0;
    if (key === '?') setHelp(true);
    else if (isGo && target !== undefined) go(target);
    else return false;
    return true;
  });
  const onParams = (params: Params, replace = false): void => go(place.view, params, replace);
  const props = { context, params: place.params, onParams };
  return (
    <div class="app">
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          content.current?.focus();
        }}
      >
        {t('skip')}
      </a>
      <Menu
        session={session}
        language={language}
        t={t}
        view={place.view}
        onLanguage={onLanguage}
        onHelp={() => setHelp(true)}
        onSignOut={onSignOut}
      />
      <main ref={content} id="content" tabIndex={-1}>
        {place.view === 'overview' && <Overview {...props} />}
        {place.view === 'vehicles' && <Vehicles {...props} />}
        {place.view === 'doubts' && <Doubts {...props} />}
        {place.view === 'codes' && <Codes {...props} />}
        {place.view === 'imports' && <Imports {...props} />}
        {place.view === 'retention' && <Retention context={context} />}
      </main>
      {help && <Help t={t} onClose={() => setHelp(false)} />}
    </div>
  );
}

function App() {
  const [language, setLanguage] = useState(firstLanguage);
  const [session, setSession] = useState<StaffSession>();
  const [ready, setReady] = useState(false);
  const t = useMemo(() => words(language), [language]);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  useEffect(() => {
    api
      .session()
      .then(setSession, () => setSession(undefined))
      .finally(() => setReady(true));
  }, []);
  function otherLanguage(): void {
    const other = language === 'zh' ? 'en' : 'zh';
    localStorage.setItem('operator-language', other);
    setLanguage(other);
  }
  if (!ready) return <main aria-busy="true" />;
  if (session?.role !== 'admin') {
    return (
      <>
        <button class="link corner" onClick={otherLanguage}>
          {t('language')}
        </button>
        <SignIn key={language} language={language} t={t} refused={session !== undefined} onSession={setSession} />
      </>
    );
  }
  return (
    <Console
      session={session}
      language={language}
      t={t}
      onLanguage={otherLanguage}
      onSignOut={() => void api.signOut().finally(() => setSession(undefined))}
    />
  );
}

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
