// Says afterwards which run a vehicle made in a stretch of the day. Times are local times of the shown day.
import { useState } from 'preact/hooks';
import type { VehicleDetail } from '@tongche/contract';
import { api } from '../api.ts';
import { clockOf, lineName, nameOf, type Context } from '../context.ts';
import { minutesOf } from '../minutes.ts';

const minuteMs = 60_000;
const none = '';
const other = '*';

export function CorrectRun({
  context,
  detail,
  onChange,
}: {
  readonly context: Context;
  readonly detail: VehicleDetail;
  readonly onChange: () => void;
}) {
  const { t } = context;
  const first = detail.runs[0];
  const [run, setRun] = useState(first?.runKey ?? other);
  const [key, setKey] = useState('');
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
        runKey: run === none ? null : run === other ? key.trim() : run,
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
      <label>
        {t('run')}
        <select value={run} onChange={(event) => setRun(event.currentTarget.value)}>
          {detail.runs.map((each) => (
            <option key={each.runKey} value={each.runKey}>
              {clockOf(context, each.fromMs)} {lineName(context, each.line)}{' '}
              {each.headsign === null ? '' : `→ ${nameOf(context, each.headsign)}`}
            </option>
          ))}
          <option value={other}>{t('otherRun')}</option>
          <option value={none}>{t('noRun')}</option>
        </select>
      </label>
      {run === other && (
        <label>
          {t('runKey')}
          <input required maxLength={200} value={key} onInput={(event) => setKey(event.currentTarget.value)} />
        </label>
      )}
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
