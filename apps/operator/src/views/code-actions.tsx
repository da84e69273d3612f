// What can be done to one printed code: move it to another unit (also in the past), replace it, revoke it, print it.
import { useState } from 'preact/hooks';
import type { CodeRow } from '@tongche/contract';
import { api } from '../api.ts';
import type { Context } from '../context.ts';
import { instantOf } from '../minutes.ts';
import { Dialog } from '../pieces.tsx';
import { PrintDialog } from './print-dialog.tsx';

type Doing = 'move' | 'replace' | 'revoke' | 'print';

/** The unit meant by what somebody typed: its number, its plate, or the only one found. */
async function unitMeant(context: Context, text: string): Promise<string> {
  const { rows, total } = await api.vehicles({ q: text }, undefined, 20);
  const exact = rows.find(({ unit }) => unit.unitId === text || unit.plate === text);
  const only = exact ?? (total === 1 ? rows[0] : undefined);
  if (only === undefined) throw new Error(total === 0 ? context.t('noUnit') : context.t('manyUnits', { n: total }));
  return only.unit.unitId;
}

function MoveDialog({
  context,
  code,
  onClose,
  onChange,
}: {
  readonly context: Context;
  readonly code: CodeRow;
  readonly onClose: () => void;
  readonly onChange: () => void;
}) {
  const { t } = context;
  const [to, setTo] = useState('');
  const [from, setFrom] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  async function move(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      const unitId = await unitMeant(context, to.trim()).catch((error: unknown) => {
        setProblem(error instanceof Error && error.constructor === Error ? error.message : context.explain(error));
        return undefined;
      });
      if (unitId === undefined) return;
      await api.moveCode(code.code, unitId, from === '' ? undefined : instantOf(from, context.session.zone));
      onChange();
      onClose();
    } catch (error) {
      setProblem(context.explain(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog title={`${t('move')} · ${code.shortCode}`} onClose={onClose}>
      <form class="form" onSubmit={(event) => void move(event)}>
        <p class="quiet">{t('moveLead')}</p>
        <label>
          {t('moveTo')}
          <input required maxLength={60} value={to} onInput={(event) => setTo(event.currentTarget.value)} />
        </label>
        <label>
          {t('moveFrom')}
          <input type="datetime-local" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <div class="bar end">
          <button type="button" onClick={onClose}>
            {t('cancel')}
          </button>
          <button class="primary" disabled={busy}>
            {t('move')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function AskDialog(props: {
  readonly context: Context;
  readonly title: string;
  readonly text: string;
  readonly act: () => Promise<unknown>;
  readonly onClose: () => void;
}) {
  const { t } = props.context;
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  async function act(): Promise<void> {
    setBusy(true);
    try {
      await props.act();
      props.onClose();
    } catch (error) {
      setProblem(props.context.explain(error));
      setBusy(false);
    }
  }
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <p>{props.text}</p>
      <p class="problem" role="alert">
        {problem}
      </p>
      <div class="bar end">
        <button onClick={props.onClose}>{t('cancel')}</button>
        <button class="danger" disabled={busy} onClick={() => void act()}>
          {t('confirm')}
        </button>
      </div>
    </Dialog>
  );
}

export function CodeActions({
  context,
  code,
  onChange,
}: {
  readonly context: Context;
  readonly code: CodeRow;
  readonly onChange: () => void;
}) {
  const { t } = context;
  const [doing, setDoing] = useState<Doing>();
  const close = (): void => setDoing(undefined);
  if (code.state === 'revoked') return null;
  const text = { code: code.shortCode };
  return (
    <div class="bar actions">
      {(['print', 'move', 'replace', 'revoke'] as const).map((each) => (
        <button
          key={each}
          class="link"
          disabled={each === 'print' && code.unit === null}
          onClick={() => setDoing(each)}
        >
          {t(each)}
        </button>
      ))}
      {doing === 'move' && <MoveDialog context={context} code={code} onClose={close} onChange={onChange} />}
      {doing === 'print' && (
        <PrintDialog
          context={context}
          title={t('printCode', text)}
          what={{ codes: [code.code] }}
          kind={code.unit?.kind}
          onClose={close}
        />
      )}
      {(doing === 'replace' || doing === 'revoke') && (
        <AskDialog
          context={context}
          title={`${t(doing)} · ${code.shortCode}`}
          text={t(doing === 'replace' ? 'replaceAsk' : 'revokeAsk', text)}
          act={async () => {
            await (doing === 'replace' ? api.replaceCode(code.code) : api.revokeCode(code.code));
            onChange();
          }}
          onClose={close}
        />
      )}
    </div>
  );
}
