// Sign in with staff number and password.
import { useState } from 'preact/hooks';
import type { StaffSession } from '@tongche/contract';
import { ApiError } from '@tongche/ui';
import { api } from '../api.ts';
import type { Context } from '../context.ts';

export function SignIn({
  context,
  onSession,
}: {
  readonly context: Context;
  readonly onSession: (session: StaffSession) => void;
}) {
  const { t, language } = context;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const fields = (event.currentTarget as HTMLFormElement).elements;
    const text = (name: string) => (fields.namedItem(name) as HTMLInputElement).value;
    setBusy(true);
    setProblem('');
    try {
      onSession(await api.signIn(text('account').trim(), text('password')));
    } catch (error) {
      setProblem(error instanceof ApiError ? error.texts[language] : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="narrow">
      <h1>{t('title')}</h1>
      <form class="card" onSubmit={(event) => void submit(event)}>
        <label class="field">
          <span>{t('account')}</span>
          <input name="account" autocomplete="username" autocapitalize="none" required maxLength={64} />
        </label>
        <label class="field">
          <span>{t('password')}</span>
          <input name="password" type="password" autocomplete="current-password" required maxLength={128} />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <button class="main" disabled={busy}>
          {busy ? t('signingIn') : t('signIn')}
        </button>
      </form>
    </main>
  );
}
