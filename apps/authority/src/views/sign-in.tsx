// Sign in. In the demonstration one press signs in as one of its people.
import { useState } from 'preact/hooks';
import type { CaseworkSession } from '@tongche/contract';
import { ApiError } from '@tongche/ui';
import { api } from '../api.ts';
import { demoPeople, type DemoPerson } from '../demo-people.ts';
import type { Language, Say } from '../words.ts';

export function SignIn({
  language,
  t,
  onSession,
}: {
  readonly language: Language;
  readonly t: Say;
  readonly onSession: (session: CaseworkSession) => void;
}) {
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);

  async function signIn(account: string, password: string): Promise<void> {
    setBusy(true);
    setProblem('');
    try {
      onSession(await api.signIn(account, password));
    } catch (error) {
      setProblem(error instanceof ApiError ? error.texts[language] : String(error));
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
        <h1>{t('title')}</h1>
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
          {t('signIn')}
        </button>
        {location.hostname === 'casework.localhost' && (
          <div class="demo-accounts">
            <span class="quiet">{t('demoAs')}</span>
            {demoPeople.map((person: DemoPerson) => (
              <button
                key={person.account}
                type="button"
                disabled={busy}
                onClick={() => void signIn(person.account, person.password)}
              >
                {t(person.role)}
              </button>
            ))}
          </div>
        )}
      </form>
    </main>
  );
}
