// A ride the case told of: line or vehicle, places, about when, on which days. Ids are found by typing what people say.
import { useEffect, useState } from 'preact/hooks';
import type { CaseView, NetworkReply, ToldRide } from '@tongche/contract';
import { plateText } from '@tongche/ui';
import { api } from '../api.ts';
import { named, type Context } from '../context.ts';

type Line = NetworkReply['lines'][number];
type Unit = NetworkReply['units'][number];
const noneFound: NetworkReply = { lines: [], units: [] };
const tolerances = [5, 10, 15, 30, 60, 120] as const;
const defaultTolerance = 15;
const weekdays = [0, 1, 2, 3, 4, 5, 6] as const;
const workdays: readonly number[] = [0, 1, 2, 3, 4];
/** A plate is known by three of its characters at least; fewer fit half the fleet. */
const plateChars = 3;
/** Typing is waited out, so that not every letter is a question. */
const typingMs = 250;

function useNetwork(q: string): NetworkReply {
  const [found, setFound] = useState(noneFound);
  useEffect(() => {
    if (q.trim() === '') {
      setFound(noneFound);
      return undefined;
    }
    const timer = setTimeout(() => {
      api.network(q.trim()).then(setFound, () => setFound(noneFound));
    }, typingMs);
    return () => clearTimeout(timer);
  }, [q]);
  return found;
}

interface Chosen {
  readonly line: Line | undefined;
  readonly unit: Unit | undefined;
}

function Search(props: {
  readonly context: Context;
  readonly chosen: Chosen;
  readonly onChoose: (chosen: Chosen) => void;
}) {
  const { context, chosen, onChoose } = props;
  const { t } = context;
  const [q, setQ] = useState('');
  const found = useNetwork(q);
  const { line, unit } = chosen;
  if (line !== undefined || unit !== undefined) {
    return (
      <p class="chosen-line">
        <b>{line === undefined ? '' : named(context, line.name)}</b>
        {unit !== undefined && <b>{unit.plate === null ? named(context, unit.label) : plateText(unit.plate)}</b>}
        <button type="button" class="link" onClick={() => onChoose({ line: undefined, unit: undefined })}>
          {t('changeChoice')}
        </button>
      </p>
    );
  }
  return (
    <div class="search">
      <label>
        {t('lineOrVehicle')}
        <input type="search" value={q} maxLength={40} onInput={(event) => setQ(event.currentTarget.value)} />
      </label>
      <ul class="found">
        {found.lines.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => onChoose({ line: one, unit: undefined })}>
              {named(context, one.name)}
            </button>
          </li>
        ))}
        {(q.trim().length < plateChars ? [] : found.units).map((one) => (
          <li key={one.unitId}>
            <button type="button" onClick={() => onChoose({ line: undefined, unit: one })}>
              {one.plate === null ? named(context, one.label) : plateText(one.plate)}{' '}
              <small class="quiet">{named(context, one.line)}</small>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface Place {
  readonly dir: 0 | 1 | null;
  readonly from: string;
  readonly to: string;
}

function Places(props: {
  readonly context: Context;
  readonly line: Line;
  readonly place: Place;
  readonly onPlace: (place: Place) => void;
}) {
  const { context, line, place, onPlace } = props;
  const { t } = context;
  const direction = line.directions.find(({ dir }) => dir === place.dir);
  const stops = direction?.stops ?? [];
  const field = (key: 'from' | 'to', label: string) => (
    <label>
      {label}
      <select
        value={place[key]}
        disabled={direction === undefined}
        onChange={(event) => onPlace({ ...place, [key]: event.currentTarget.value })}
      >
        <option value="">{t('notTold')}</option>
        {stops.map(({ stopId, name }) => (
          <option key={stopId} value={stopId}>
            {named(context, name)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <>
      <label>
        {t('direction')}
        <select
          value={place.dir ?? ''}
          onChange={(event) => {
            const { value } = event.currentTarget;
            onPlace({ dir: value === '' ? null : value === '0' ? 0 : 1, from: '', to: '' });
          }}
        >
          <option value="">{t('notTold')}</option>
          {line.directions.map(({ dir, headsign }) => (
            <option key={dir} value={dir}>
              → {named(context, headsign)}
            </option>
          ))}
        </select>
      </label>
      <div class="two">
        {field('from', t('gotOn'))}
        {field('to', t('gotOff'))}
      </div>
    </>
  );
}

function minuteOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

function Weekdays(props: {
  readonly context: Context;
  readonly chosen: readonly number[];
  readonly onChosen: (days: readonly number[]) => void;
}) {
  const { context, chosen, onChosen } = props;
  const { t } = context;
  return (
    <fieldset class="weekdays">
      <legend>{t('onWeekdays')}</legend>
      {weekdays.map((day) => (
        <label key={day} class="check">
          <input
            type="checkbox"
            checked={chosen.includes(day)}
            onChange={() =>
              onChosen(
                chosen.includes(day) ? chosen.filter((one) => one !== day) : [...chosen, day].toSorted((a, b) => a - b),
              )
            }
          />
          {t(`weekday_${day}`)}
        </label>
      ))}
      <button type="button" class="link" onClick={() => onChosen(chosen.length === 7 ? workdays : weekdays)}>
        {t(chosen.length === 7 ? 'onlyWorkdays' : 'everyDay')}
      </button>
    </fieldset>
  );
}

export function ToldForm(props: {
  readonly context: Context;
  readonly one: CaseView;
  readonly onAdd: (told: ToldRide) => Promise<void>;
  readonly onCancel: () => void;
}) {
  const { context, one, onAdd, onCancel } = props;
  const { t, explain } = context;
  const [chosen, setChosen] = useState<Chosen>({ line: undefined, unit: undefined });
  const [place, setPlace] = useState<Place>({ dir: null, from: '', to: '' });
  const [days, setDays] = useState<readonly number[]>(weekdays);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const { line, unit } = chosen;
  const stopName = (stopId: string) =>
    line?.directions.flatMap(({ stops }) => stops).find((stop) => stop.stopId === stopId)?.name ?? null;

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const fields = (event.currentTarget as HTMLFormElement).elements;
    const text = (name: string) => (fields.namedItem(name) as HTMLInputElement | HTMLSelectElement).value;
    setBusy(true);
    setProblem('');
    onAdd({
      lineIds: line === undefined ? [] : [line.id],
      line: line?.name ?? null,
      dir: place.dir,
      unitIds: unit === undefined ? [] : [unit.unitId],
      vehicle: unit === undefined ? null : unit.plate === null ? unit.label : { zh: unit.plate, en: unit.plate },
      fromStops: place.from === '' ? [] : [place.from],
      from: stopName(place.from),
      toStops: place.to === '' ? [] : [place.to],
      to: stopName(place.to),
      minute: minuteOf(text('time')),
      toleranceMin: Number(text('tolerance')),
      of: text('of') as ToldRide['of'],
      row: null,
      days: { from: text('from'), to: text('to'), weekdays: [...days], except: [] },
      note: text('note').trim(),
    })
      .catch((error: unknown) => setProblem(explain(error)))
      .finally(() => setBusy(false));
  }

  return (
    <form class="form told-form" onSubmit={submit} autocomplete="off">
      <Search context={context} chosen={chosen} onChoose={setChosen} />
      {line !== undefined && <Places context={context} line={line} place={place} onPlace={setPlace} />}
      <div class="three">
        <label>
          {t('about')}
          <input name="time" type="time" required />
        </label>
        <label>
          {t('offBy')}
          <select name="tolerance">
            {tolerances.map((minutes) => (
              <option key={minutes} value={minutes} selected={minutes === defaultTolerance}>
                ± {minutes} min
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('timeOf')}
          <select name="of">
            <option value="boarding">{t('gotOn')}</option>
            <option value="alighting">{t('gotOff')}</option>
          </select>
        </label>
      </div>
      <div class="two">
        <label>
          {t('from')}
          <input name="from" type="date" required min={one.from} max={one.to} defaultValue={one.from} />
        </label>
        <label>
          {t('to')}
          <input name="to" type="date" required min={one.from} max={one.to} defaultValue={one.to} />
        </label>
      </div>
      <Weekdays context={context} chosen={days} onChosen={setDays} />
      <label>
        {t('note')}
        <input name="note" maxLength={200} />
      </label>
      <p class="problem" role="alert">
        {problem}
      </p>
      <div class="bar end">
        <button type="button" onClick={onCancel}>
          {t('cancel')}
        </button>
        <button class="primary" disabled={busy || days.length === 0 || (line === undefined && unit === undefined)}>
          {t('findRuns')}
        </button>
      </div>
    </form>
  );
}
