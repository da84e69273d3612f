// Says afterwards which run a vehicle made in a stretch of the day. Times are local times of the shown day.
import { useState } from 'preact/hooks';
import type { LineRef, VehicleDetail } from '@tongche/contract';
import { api } from '../api.ts';
import { clockOf, lineName, nameOf, type Context } from '../context.ts';
import { useLoad } from '../hooks.ts';
import { minutesOf } from '../minutes.ts';
import { Problem } from '../pieces.tsx';

const minuteMs = 60_000;
const none = '';

function Choices({
  context,
  unitId,
  date,
  line,
  lines,
  value,
  onValue,
}: {
  readonly context: Context;
  readonly unitId: string;
  readonly date: string | undefined;
  readonly line: string;
  readonly lines: readonly LineRef[];
  readonly value: string;
  readonly onValue: (run: string, line: string) => void;
}) {
  const { t } = context;
  const loaded = useLoad(`runs ${unitId} ${date ?? ''} ${line}`, () =>
    api.runChoices(unitId, date, line === '' ? undefined : line),
  );
  return (
    <>
      <label>
        {t('line')}
        <select value={line} onChange={(event) => onValue(none, event.currentTarget.value)}>
          <option value="">{t('usualLine')}</option>
          {lines.map((each) => (
            <option key={each.id} value={each.id}>
              {lineName(context, each)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('run')}
        <select value={value} onChange={(event) => onValue(event.currentTarget.value, line)}>
          {(loaded.data?.choices ?? []).map((each) => (
            <option key={each.runKey} value={each.runKey}>
              {clockOf(context, each.fromMs)}–{clockOf(context, each.toMs)} {lineName(context, each.line)}{' '}
              {each.headsign === null ? '' : `→ ${nameOf(context, each.headsign)}`}
            </option>
          ))}
          <option value={none}>{t('noRun')}</option>
        </select>
      </label>
      <Problem context={context} loaded={loaded} />
    </>
  );
}

export function CorrectRun({
  context,
  detail,
  date,
  onChange,
}: {
  readonly context: Context;
  readonly detail: VehicleDetail;
  readonly date: string | undefined;
  readonly onChange: () => void;
}) {
  const { t } = context;
  const first = detail.runs[0];
  const [run, setRun] = useState(first?.runKey ?? none);
  const [line, setLine] = useState('');
  const overview = useLoad(`lines ${date ?? ''}`, () => api.overview(date));
  const lines = (overview.data?.lines ?? []).flatMap((each) => (each.line === null ? [] : [each.line]));
  const [from, setFrom] = useState(first === undefined ? '' : clockOf(context, first.fromMs));
  const [to, setTo] = useState(first === undefined ? '' : clockOf(context, first.toMs));
  const [problem, setProblem] = useState('');
  const [done, setDone] = useState('');
  const [busy, setBusy] = useState(false);

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const [fromMin, toMin] = [minutesOf(from), minutesOf(to)];
    setDone('');
    if (toMin <= fromMin) return setProblem(t('badSpan'));
    setBusy(true);
    setProblem('');
    try {
      const made = await api.correct({
        vehicleId: detail.row.vehicleId,
        fromMs: detail.dayStartMs + fromMin * minuteMs,
        toMs: detail.dayStartMs + toMin * minuteMs,
        runKey: run === none ? null : run,
      });
      setDone(t('correctedDone', { n: made.rides }));
      onChange();
    } catch (error) {
      setProblem(context.explain(error));
    } finally {
      setBusy(false);
    }
    return undefined;
  }

  return (
    <form class="form boxed" onSubmit={(event) => void save(event)}>
      <p class="quiet">{t('correctLead')}</p>
      <div class="two">
        <label>
          {t('from')}
          <input type="time" required value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <label>
          {t('to')}
          <input type="time" required value={to} onInput={(event) => setTo(event.currentTarget.value)} />
        </label>
      </div>
      <Choices
        context={context}
        unitId={detail.row.unit.unitId}
        date={date}
        line={line}
        lines={lines}
        value={run}
        onValue={(nextRun, nextLine) => {
          setRun(nextRun);
          setLine(nextLine);
        }}
      />
      <p class="problem" role="alert">
        {problem}
      </p>
      <p class="notice" role="status">
        {done}
      </p>
      <button class="primary" disabled={busy}>
        {t('correct')}
      </button>
    </form>
  );
}
