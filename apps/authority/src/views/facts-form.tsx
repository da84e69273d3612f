// The dates of an illness and the rule they are counted by, as a form: shared by a new case and by a correction.
import { useEffect, useState } from 'preact/hooks';
import type { CaseFacts, DateRange, PolicyView } from '@tongche/contract';
import { api } from '../api.ts';
import { named, type Context } from '../context.ts';

type Anchor = 'onset' | 'sample' | 'rash' | 'infectious';
const anchors: readonly Anchor[] = ['onset', 'sample', 'rash', 'infectious'];
const dayMs = 86_400_000;

export const noFacts: CaseFacts = {
  onset: null,
  sample: null,
  rash: null,
  infectious: null,
  isolatedMs: null,
  severe: false,
  masked: null,
};

/** Rules the vault knows, in force ones first; empty until they have come. */
export function usePolicies(): readonly PolicyView[] {
  const [policies, setPolicies] = useState<readonly PolicyView[]>([]);
  useEffect(() => {
    api.policies().then(
      (reply) => setPolicies(reply.policies),
      () => {},
    );
  }, []);
  return policies;
}

function shifted(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

/** Days that count by the rule, as far as they are known: what an order should cover. */
export function daysOfRule(
  policy: PolicyView | undefined,
  facts: CaseFacts,
  today: string,
  isolated: string,
): { readonly from: string; readonly to: string } | undefined {
  const anchor = policy?.anchors.map((name) => facts[name as Anchor]).find((range) => range !== null);
  if (policy === undefined || anchor === null || anchor === undefined) return undefined;
  const last = policy.afterDays === null ? today : earlier(today, shifted(anchor.to, policy.afterDays));
  const to = isolated === '' ? last : earlier(last, isolated.slice(0, 10));
  return { from: earlier(shifted(anchor.from, -policy.beforeDays), to), to };
}

function RangeField(props: {
  readonly context: Context;
  readonly name: Anchor;
  readonly range: DateRange | null;
  readonly max: string;
  readonly onChange: (range: DateRange | null) => void;
}) {
  const { context, name, range, max, onChange } = props;
  const { t } = context;
  const [isRange, setIsRange] = useState(range !== null && range.from !== range.to);
  function change(from: string, to: string): void {
    if (from === '') onChange(null);
    else onChange({ from, to: isRange && to >= from ? to : from });
  }
  const label = t(`date_${name}`);
  return (
    <div class="dates">
      <label>
        {label}
        <input
          type="date"
          max={max}
          value={range?.from ?? ''}
          onInput={(event) => change(event.currentTarget.value, range?.to ?? '')}
        />
      </label>
      {isRange ? (
        <label>
          {t('dateTo')}
          <input
            type="date"
            min={range?.from}
            max={name === 'infectious' ? '' : max}
            value={range?.to ?? ''}
            onInput={(event) => change(range?.from ?? '', event.currentTarget.value)}
          />
        </label>
      ) : (
        <button type="button" class="link" aria-label={`${label} ${t('dateUnsure')}`} onClick={() => setIsRange(true)}>
          {t('dateUnsure')}
        </button>
      )}
    </div>
  );
}

/** `11-18T08:30` of a moment in the reader's own zone, as the field speaks it. */
function localText(ms: number | null): string {
  if (ms === null) return '';
  const at = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 16);
}

export function FactsFields(props: {
  readonly context: Context;
  readonly policy: PolicyView | undefined;
  readonly facts: CaseFacts;
  readonly today: string;
  readonly onChange: (facts: CaseFacts) => void;
}) {
  const { context, policy, facts, today, onChange } = props;
  const { t } = context;
  const shown = anchors.filter(
    (name) => name === 'onset' || policy?.anchors.includes(name) === true || facts[name] !== null,
  );
  return (
    <>
      {shown.map((name) => (
        <RangeField
          key={name}
          context={context}
          name={name}
          range={facts[name]}
          max={name === 'infectious' ? '' : today}
          onChange={(range) => onChange({ ...facts, [name]: range })}
        />
      ))}
      <div class="two">
        <label>
          {t('isolated')}
          <input
            type="datetime-local"
            value={localText(facts.isolatedMs)}
            onInput={(event) => {
              const ms = Date.parse(event.currentTarget.value);
              onChange({ ...facts, isolatedMs: Number.isNaN(ms) ? null : ms });
            }}
          />
        </label>
        <label>
          {t('masked')}
          <select
            value={facts.masked === null ? '' : String(facts.masked)}
            onChange={(event) => {
              const { value } = event.currentTarget;
              onChange({ ...facts, masked: value === '' ? null : value === 'true' });
            }}
          >
            <option value="">{t('maskedUnknown')}</option>
            <option value="true">{t('maskedYes')}</option>
            <option value="false">{t('maskedNo')}</option>
          </select>
        </label>
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={facts.severe}
          onChange={(event) => onChange({ ...facts, severe: event.currentTarget.checked })}
        />{' '}
        {t('severe')}
      </label>
    </>
  );
}

/** What a rule says, and where it says so. */
export function PolicyCard({ context, policy }: { readonly context: Context; readonly policy: PolicyView }) {
  const { t } = context;
  const window = t(policy.afterDays === null ? 'ruleWindow' : 'ruleWindowTo', {
    anchor: policy.anchors.map((name) => t(`date_${name as Anchor}`)).join(' / '),
    before: policy.beforeDays,
    after: policy.afterDays ?? 0,
  });
  return (
    <details class="rule">
      <summary>
        <span class="rule-facts">
          <b>
            {policy.id} v{policy.version}
          </b>
          <span>{window}</span>
          <span>
            {t('ruleOverlap', { n: policy.minOverlapMin })} · {t('ruleFollow', { n: policy.followUpDays })}
          </span>
          {policy.secondary && <span>{t('ruleSecondary')}</span>}
          {!policy.urbanByDefault && <span class="tag tag-warn">{t('ruleNotUrban')}</span>}
          {!policy.inForce && <span class="tag tag-warn">{t('ruleOver')}</span>}
        </span>
      </summary>
      <dl>
        <dt>{t('ruleValid')}</dt>
        <dd class="num">
          {policy.validFrom} – {policy.validTo ?? ''}
        </dd>
        {policy.sources.map(({ fields, text, standing }) => (
          <div key={fields.join()}>
            <dt>
              <code>{fields.join(' ')}</code>{' '}
              <span class={`tag ${standing === 'stated' ? 'tag-info' : 'tag-plain'}`}>
                {t(`standing_${standing}` as 'standing_stated')}
              </span>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
        {policy.remarks.map((remark) => (
          <dd key={remark.en}>{named(context, remark)}</dd>
        ))}
      </dl>
    </details>
  );
}
