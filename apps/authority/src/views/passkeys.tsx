// The signed-in person's signing keys, and adding one with this device.
import { useEffect, useState } from 'preact/hooks';
import type { RosterReply } from '@tongche/contract';
import { api } from '../api.ts';
import type { Context } from '../context.ts';
import { addPasskey } from '../sign.ts';

const shortId = 16;

export function Passkeys({ context, onChange }: { readonly context: Context; readonly onChange: () => void }) {
  const { t, session, explain } = context;
  const [roster, setRoster] = useState<RosterReply>();
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const reload = () => api.roster().then(setRoster, (error: unknown) => setProblem(explain(error)));
  useEffect(() => void reload(), []);
  async function add(): Promise<void> {
    setBusy(true);
    setProblem('');
    try {
      await addPasskey();
      await reload();
      onChange();
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  }
  const mine = roster?.keys.filter((key) => key.person === session.person) ?? [];
  const pending = roster?.pending.filter((key) => key.person === session.person) ?? [];
  return (
    <section>
      <div class="bar">
        <h1>{t('passkeys')}</h1>
        <span class="space" />
        <button class="primary" disabled={busy} onClick={() => void add()}>
          {t('addPasskey')}
        </button>
      </div>
      <p class="quiet">{t('passkeysLead')}</p>
      <p class="problem" role="alert">
        {problem}
      </p>
      <div class="panel">
        <h2>{t('yourKeys')}</h2>
        {mine.length + pending.length === 0 && <p class="quiet">{t('noKeys')}</p>}
        <ul class="signatures">
          {mine.map((key) => (
            <li key={key.keyId} class="done">
              ✓ <code>{key.keyId.slice(0, shortId)}</code> · {t(key.role)}{' '}
              {key.demo && <span class="tag tag-plain">{t('demoKey')}</span>}
            </li>
          ))}
          {pending.map((key) => (
            <li key={key.keyId}>
              ○ <code>{key.keyId.slice(0, shortId)}</code> · {t('pendingRoot')}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
