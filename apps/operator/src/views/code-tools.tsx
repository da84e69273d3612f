// Issue codes and print them, for chosen units, a line, a kind, or whatever has none.
import { useState } from 'preact/hooks';
import type { Batch, IssueCodes, LineRef, UnitRef } from '@tongche/contract';
import { api } from '../api.ts';
import { lineName, type Context } from '../context.ts';
import { Dialog } from '../pieces.tsx';
import { PrintDialog } from './print-dialog.tsx';

const kinds = ['bus', 'carriage', 'station', 'taxi', 'coach', 'ferry'] as const;
type Scope = 'units' | 'missing' | 'line' | 'kind';
const mostPerUnit = 20;
/** What a bus usually has: doors and middle. */
const usualPerUnit = 3;

interface ToolsProps {
  readonly context: Context;
  readonly unitIds: readonly string[];
  readonly lineId: string | undefined;
  readonly lines: readonly (LineRef | null)[];
  readonly onChange: () => void;
}

function IssueDialog({
  context,
  unitIds,
  lineId,
  lines,
  onChange,
  onClose,
}: ToolsProps & { readonly onClose: () => void }) {
  const { t } = context;
  const [scope, setScope] = useState<Scope>(unitIds.length > 0 ? 'units' : lineId === undefined ? 'missing' : 'line');
  const [line, setLine] = useState(lineId ?? lines.find((each) => each !== null)?.id ?? '');
  const [kind, setKind] = useState<UnitRef['kind']>('bus');
  const [perUnit, setPerUnit] = useState(usualPerUnit);
  const [purpose, setPurpose] = useState<'passenger' | 'crew'>('passenger');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<Batch>();

  async function issue(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const whom: Partial<IssueCodes> =
      scope === 'units'
        ? { unitIds: [...unitIds] }
        : scope === 'line'
          ? { lineId: line }
          : scope === 'kind'
            ? { kind }
            : { missing: true };
    setBusy(true);
    setProblem('');
    try {
      setMade(await api.issue({ ...whom, perUnit, purpose }));
      onChange();
    } catch (error) {
      setProblem(context.explain(error));
    } finally {
      setBusy(false);
    }
  }
  if (made !== undefined) {
    return (
      <PrintDialog
        context={context}
        title={t('issued', { codes: made.codes, units: made.units, batch: made.batchId })}
        what={{ batchId: made.batchId }}
        onClose={onClose}
      />
    );
  }
  const scopes: readonly Scope[] = [
    ...(unitIds.length > 0 ? (['units'] as const) : []),
    'missing',
    ...(lines.some((each) => each !== null) ? (['line'] as const) : []),
    'kind',
  ];
  const scopeText = {
    units: t('issueUnits', { n: unitIds.length }),
    missing: t('issueMissing'),
    line: t('issueLine'),
    kind: t('issueKind'),
  };
  return (
    <Dialog title={t('issueTitle')} onClose={onClose}>
      <form class="form" onSubmit={(event) => void issue(event)}>
        <fieldset>
          <legend>{t('issueFor')}</legend>
          {scopes.map((each) => (
            <label key={each} class="check">
              <input type="radio" name="scope" checked={scope === each} onChange={() => setScope(each)} />
              {scopeText[each]}
            </label>
          ))}
        </fieldset>
        {scope === 'line' && (
          <label>
            {t('line')}
            <select value={line} onChange={(event) => setLine(event.currentTarget.value)}>
              {lines.map((each) => each !== null && <option value={each.id}>{lineName(context, each)}</option>)}
            </select>
          </label>
        )}
        {scope === 'kind' && (
          <label>
            {t('kind')}
            <select value={kind} onChange={(event) => setKind(event.currentTarget.value as UnitRef['kind'])}>
              {kinds.map((each) => (
                <option key={each} value={each}>
                  {t(`kind_${each}`)}
                </option>
              ))}
            </select>
          </label>
        )}
        <div class="two">
          <label>
            {t('perUnit')}
            <input
              type="number"
              min={1}
              max={mostPerUnit}
              required
              value={perUnit}
              onInput={(event) => setPerUnit(event.currentTarget.valueAsNumber)}
            />
          </label>
          <label>
            {t('purpose')}
            <select value={purpose} onChange={(event) => setPurpose(event.currentTarget.value as 'passenger' | 'crew')}>
              <option value="passenger">{t('passenger')}</option>
              <option value="crew">{t('crew')}</option>
            </select>
          </label>
        </div>
        <p class="problem" role="alert">
          {problem}
        </p>
        <div class="bar end">
          <button type="button" onClick={onClose}>
            {t('cancel')}
          </button>
          <button class="primary" disabled={busy}>
            {t('issue')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function CodeTools(props: ToolsProps) {
  const { context, unitIds } = props;
  const { t } = context;
  const [open, setOpen] = useState<'issue' | 'print'>();
  const close = (): void => setOpen(undefined);
  return (
    <>
      {unitIds.length > 0 && (
        <button onClick={() => setOpen('print')}>
          {t('print')}
          {unitIds.length > 1 && ` (${unitIds.length})`}
        </button>
      )}
      <button onClick={() => setOpen('issue')}>
        {t('issue')}
        {unitIds.length > 1 && ` (${unitIds.length})`}
      </button>
      {open === 'issue' && <IssueDialog {...props} onClose={close} />}
      {open === 'print' && (
        <PrintDialog
          context={context}
          title={t('printUnits', { n: unitIds.length })}
          what={{ unitIds: [...unitIds] }}
          onClose={close}
        />
      )}
    </>
  );
}
