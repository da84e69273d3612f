// Asks for an export: which form, who is in it, and why.
import { useState } from 'preact/hooks';
import type { AskExport } from '@tongche/contract';
import type { Context } from '../context.ts';

export const formats = [
  'register-utf8',
  'register-gb18030',
  'sormas',
  'sormas-day-first',
  'go-data-json',
  'go-data-csv',
] as const satisfies readonly AskExport['format'][];

type Tiers = AskExport['tiers'];
/** Each holds the one before. */
export const choices: Readonly<Record<'close' | 'verify' | 'all', Tiers>> = {
  close: ['close', 'staff'],
  verify: ['close', 'staff', 'verify'],
  all: ['close', 'staff', 'verify', 'general', 'secondary'],
};
const minReason = 4;

export function choiceOf(tiers: Tiers): keyof typeof choices {
  if (tiers.length >= choices.all.length) return 'all';
  return tiers.length >= choices.verify.length ? 'verify' : 'close';
}

export function ExportForm(props: {
  readonly context: Context;
  readonly onAsk: (wish: AskExport) => Promise<boolean>;
  readonly onCancel: () => void;
}) {
  const { context, onAsk, onCancel } = props;
  const { t } = context;
  const [format, setFormat] = useState<AskExport['format']>('register-utf8');
  const [choice, setChoice] = useState<keyof typeof choices>('close');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const isReady = reason.trim().length >= minReason && !busy;
  return (
    <form
      class="form export-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        setBusy(true);
        void onAsk({ format, tiers: [...choices[choice]], reason: reason.trim() }).finally(() => setBusy(false));
      }}
    >
      <div class="two">
        <label>
          {t('exportFormat')}
          <select value={format} onChange={(event) => setFormat(event.currentTarget.value as AskExport['format'])}>
            {formats.map((each) => (
              <option key={each} value={each}>
                {t(`format_${each}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('exportTiers')}
          <select value={choice} onChange={(event) => setChoice(event.currentTarget.value as typeof choice)}>
            {(Object.keys(choices) as (typeof choice)[]).map((each) => (
              <option key={each} value={each}>
                {t(`tiers_${each}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <small class="quiet">{t(`hint_${format}`)}</small>
      <label>
        {t('exportReason')}
        <input value={reason} maxLength={200} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <div class="bar end">
        <button type="button" onClick={onCancel}>
          {t('cancel')}
        </button>
        <button class="primary" disabled={!isReady}>
          {t('askExport')}
        </button>
      </div>
    </form>
  );
}
