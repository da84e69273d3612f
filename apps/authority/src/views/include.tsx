// Why something is doubtful, and the form that takes it in (or out again) with a reason.
import { useState } from 'preact/hooks';
import type { RideDoubt } from '@tongche/contract';
import { doubtNames } from '@tongche/ui';
import { named, type Context } from '../context.ts';

const minReason = 4;

export function Doubts({ context, doubts }: { readonly context: Context; readonly doubts: readonly RideDoubt[] }) {
  return (
    <>
      {doubts.map((doubt) => (
        <span key={doubt} class="tag tag-warn">
          {named(context, doubtNames[doubt])}
        </span>
      ))}
    </>
  );
}

/** Says why, then takes in (or out again): nothing happens by one press alone. */
export function IncludeForm({
  context,
  label,
  disabled = false,
  onInclude,
}: {
  readonly context: Context;
  readonly label: string;
  readonly disabled?: boolean;
  readonly onInclude: (reason: string) => Promise<void>;
}) {
  const { t, explain } = context;
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const isReady = reason.trim().length >= minReason && !disabled && !busy;
  return (
    <form
      class="bar include"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        setBusy(true);
        setProblem('');
        onInclude(reason.trim())
          .then(
            () => setReason(''),
            (error: unknown) => setProblem(explain(error)),
          )
          .finally(() => setBusy(false));
      }}
    >
      <input
        aria-label={t('includeReason')}
        placeholder={t('includeReason')}
        value={reason}
        maxLength={200}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <button disabled={!isReady}>{label}</button>
      <span class="problem" role="alert">
        {problem}
      </span>
    </form>
  );
}
