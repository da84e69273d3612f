// Sign in with an administrator's account. In the demonstration one press is enough.
import { useState } from 'preact/hooks';
import type { StaffSession } from '@tongche/contract';
import { ApiError } from '@tongche/ui';
import { api } from '../api.ts';
import { demoAccount } from '../demo-account.ts';
import type { Language, Say } from '../words.ts';

export function SignIn({
  language,
  t,
  refused,
  onSession,
}: {
  readonly language: Language;
  readonly t: Say;
  /** Somebody is signed in, who is no administrator. */
  readonly refused: boolean;
  readonly onSession: (session: StaffSession) => void;
}) {
  const [problem, setProblem] = useState(refused ? t('notAdmin') : '');
  const [busy, setBusy] = useState(false);
  // Demonstrations are reached by an address or localhost; a host name of an operator has its own accounts.
  const mayBeDemo = location.protocol === 'http:';

  async function signIn(account: string, password: string): Promise<void> {
    setBusy(true);
    setProblem('');
    try {
      const session = await api.signIn(account, password);
      if (session.role === 'admin') onSession(session);
      else setProblem(t('notAdmin'));
    } catch (error) {
      setProblem(error instanceof ApiError ? error.texts[language] : t('broken'));
    } finally {
      setBusy(false);
    }
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const fields = (event.currentTarget as HTMLFormElement).elements;
    const text = (name: string) => (fields.namedItem(name) as HTMLInputElement).value;
    void signIn(text('account').trim(), text('password'));
  }
  return (
    <main class="sign-in">
      <form class="panel" onSubmit={submit}>
        <h1>同车 · {t('title')}</h1>
        <p class="quiet">{t('signInLead')}</p>
        <label>
          {t('account')}
          <input name="account" autocomplete="username" autocapitalize="none" required maxLength={64} />
        </label>
        <label>
          {t('password')}
          <input name="password" type="password" autocomplete="current-password" required maxLength={128} />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <button class="primary wide" disabled={busy}>
          {busy ? t('signingIn') : t('signIn')}
        </button>
        {mayBeDemo && (
          <button
            type="button"
            class="wide"
            disabled={busy}
            onClick={() => void signIn(demoAccount.account, demoAccount.password)}
          >
            {t('demoSignIn')}
          </button>
        )}
        <p>
          <a href="/staff/">{t('toStaff')}</a>
        </p>
      </form>
    </main>
  );
}
