// The staff page: signed out → take a vehicle → trip → summary. The last known shift opens also without a network.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Shift, ShiftSummary, StaffSession } from '@tongche/contract';
import '@tongche/ui/tokens.css';
import './staff.css';
import { ApiError } from '@tongche/ui';
import { api } from './api.ts';
import type { Context } from './context.ts';
import { SignIn } from './views/sign-in.tsx';
import { Summary } from './views/summary.tsx';
import { TakeVehicle } from './views/take-vehicle.tsx';
import { Trip } from './views/trip.tsx';
import { firstLanguage, words } from './words.ts';

/** Vehicle, line and times of the shift; nothing about passengers. Lets the page open in a tunnel. */
const keptKey = 'staff-session';

function keptSession(): StaffSession | undefined {
  const text = localStorage.getItem(keptKey);
  return text === null ? undefined : (JSON.parse(text) as StaffSession);
}

function App() {
  const [language, setLanguage] = useState(firstLanguage);
  const [session, setSession] = useState<StaffSession | undefined>(keptSession);
  const [ready, setReady] = useState(session !== undefined);
  const [summary, setSummary] = useState<ShiftSummary>();
  const [notice, setNotice] = useState('');
  const context: Context = { language, t: words(language) };
  const { t } = context;

  function keep(next: StaffSession | undefined): void {
    setSession(next);
    if (next === undefined) localStorage.removeItem(keptKey);
    else localStorage.setItem(keptKey, JSON.stringify(next));
  }
  function keepShift(shift: Shift | null): void {
    setSession((now) => {
      const next = now && { ...now, shift };
      if (next !== undefined) localStorage.setItem(keptKey, JSON.stringify(next));
      return next;
    });
  }
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = `${t('title')} · 同车`;
    localStorage.setItem('staff-language', language);
  }, [language]);
  useEffect(() => {
    api
      .session()
      .then(keep, (error: unknown) => {
        if (error instanceof ApiError && error.code === 'not-signed-in') keep(undefined);
      })
      .finally(() => setReady(true));
  }, []);

  async function signOut(): Promise<void> {
    await api.signOut().catch(() => {});
    sessionStorage.clear();
    keep(undefined);
  }

  function view() {
    if (!ready) return <main class="narrow" aria-busy="true" />;
    if (session === undefined) return <SignIn context={context} onSession={keep} />;
    if (summary !== undefined)
      return <Summary context={context} summary={summary} zone={session.zone} onDone={() => setSummary(undefined)} />;
    if (session.shift === null)
      return (
        <TakeVehicle
          context={context}
          onShift={(shift) => {
            setNotice('');
            keepShift(shift);
          }}
        />
      );
    return (
      <Trip
        context={context}
        shift={session.shift}
        zone={session.zone}
        onShift={keepShift}
        onSummary={(next, shiftOver) => {
          setSummary(next);
          if (shiftOver) keepShift(null);
          else if (session.shift) keepShift({ ...session.shift, trip: null });
        }}
        onClosed={() => {
          setNotice(t('handover'));
          keepShift(null);
        }}
      />
    );
  }

  return (
    <>
      <div class="top">
        <span class="brand">
          同车{' '}
          <small>
            {session?.name[language] ?? ''}
            {session?.demo === true ? ` · ${t('demo')}` : ''}
          </small>
        </span>
        <span>
          <button
            class="link-button"
            lang={language === 'zh' ? 'en' : 'zh-CN'}
            onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
          >
            {t('language')}
          </button>
          {session !== undefined && session.shift === null && (
            <button class="link-button" onClick={() => void signOut()}>
              {t('signOut')}
            </button>
          )}
        </span>
      </div>
      {notice !== '' && (
        <p class="notice" role="status">
          {notice}
        </p>
      )}
      {view()}
    </>
  );
}

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
if ('serviceWorker' in navigator) void registerWorker();

/** Under Trusted Types a script's address must come from the one named policy. */
async function registerWorker(): Promise<void> {
  const types = (
    globalThis as {
      trustedTypes?: {
        createPolicy(
          name: string,
          rules: { createScriptURL(url: string): string },
        ): { createScriptURL(url: string): string };
      };
    }
  ).trustedTypes;
  const policy = types?.createPolicy('sw', { createScriptURL: (url) => (url === '/staff/sw.js' ? url : '') });
  const url = policy?.createScriptURL('/staff/sw.js') ?? '/staff/sw.js';
  await navigator.serviceWorker.register(url, { scope: '/staff/', updateViaCache: 'all' }).catch(() => {});
}
