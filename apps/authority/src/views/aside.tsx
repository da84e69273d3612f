// What a trace set aside: people whose every shared ride is doubtful, with the reasons, and the way to take them in knowingly.
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ContactView, RideDoubt } from '@tongche/contract';
import { doubtNames, plateText } from '@tongche/ui';
import { api } from '../api.ts';
import { named, narrowMoment, type Context } from '../context.ts';
import { toggle, toggleAll, nothing, type Selection } from '../selection.ts';
import { Doubts, IncludeForm } from './include.tsx';

/** A flood is thousands of rows: the proven come first, and more are drawn when asked for. */
const pageRows = 50;

function doubtsOf(contact: ContactView): readonly RideDoubt[] {
  return [...new Set(contact.legs.flatMap(({ doubts }) => doubts))];
}

/** Proven first, then in calling order: what may be true stands above what is surely made up. */
function inOrder(contacts: readonly ContactView[]): readonly ContactView[] {
  return contacts.toSorted((a, b) => Number(b.verified) - Number(a.verified) || a.rank - b.rank);
}

function Row(props: {
  readonly context: Context;
  readonly contact: ContactView;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}) {
  const { context, contact, chosen, onChoose } = props;
  const { t } = context;
  const leg = contact.legs[0];
  return (
    <tr>
      <td>
        <input type="checkbox" aria-label={contact.masked} checked={chosen} onChange={onChoose} />
      </td>
      <td>
        {contact.masked}{' '}
        {!contact.verified && <small class="quiet">{t(contact.assisted ? 'assistedMark' : 'unverifiedMark')}</small>}
      </td>
      <td>
        <Doubts context={context} doubts={doubtsOf(contact)} />
      </td>
      <td>{contact.name === '' ? t('none') : contact.name}</td>
      <td>
        {leg !== undefined &&
          `${leg.plate === null ? named(context, leg.unitLabel) : plateText(leg.plate)} ${named(context, leg.line)}`}
      </td>
      <td>{leg !== undefined && narrowMoment(context, leg.boardedMs)}</td>
      <td class="num">{Math.round(contact.minutes)}</td>
    </tr>
  );
}

function Table(props: {
  readonly context: Context;
  readonly contacts: readonly ContactView[];
  readonly selection: Selection;
  readonly onSelection: (selection: Selection) => void;
}) {
  const { context, contacts, selection, onSelection } = props;
  const { t } = context;
  const ids = contacts.map(({ contactId }) => contactId);
  const heads = ['number', 'doubts', 'name', 'run', 'boarded', 'minutes'] as const;
  return (
    <div class="table-wrap">
      <table>
        <thead>
          <tr>
            <th>
              <input
                type="checkbox"
                aria-label={t('selectAll')}
                checked={ids.length > 0 && ids.every((id) => selection.chosen.has(id))}
                onChange={() => onSelection(toggleAll(selection, ids))}
              />
            </th>
            {heads.map((key) => (
              <th key={key} class={key === 'minutes' ? 'num' : ''}>
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {contacts.map((contact) => (
            <Row
              key={contact.contactId}
              context={context}
              contact={contact}
              chosen={selection.chosen.has(contact.contactId)}
              onChoose={() => onSelection(toggle(selection, contact.contactId))}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Undefined until they have come. */
function useAside({ explain }: Context, caseId: string, version: unknown) {
  const [contacts, setContacts] = useState<readonly ContactView[]>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    let isGone = false;
    api.allContacts(caseId, true).then(
      (found) => !isGone && setContacts(inOrder(found)),
      (error: unknown) => !isGone && setProblem(explain(error)),
    );
    return () => {
      isGone = true;
    };
  }, [caseId, version]);
  return { contacts, problem };
}

function Reasons({ context, contacts }: { readonly context: Context; readonly contacts: readonly ContactView[] }) {
  const counts = new Map<RideDoubt, number>();
  for (const doubt of contacts.flatMap(doubtsOf)) counts.set(doubt, (counts.get(doubt) ?? 0) + 1);
  return (
    <>
      {[...counts].map(([doubt, n]) => (
        <span key={doubt} class="tag tag-warn">
          {named(context, doubtNames[doubt])} <span class="num">{n}</span>
        </span>
      ))}
    </>
  );
}

export function Aside(props: {
  readonly context: Context;
  readonly caseId: string;
  readonly count: number;
  readonly withheld: number;
  /** Changes when the case does. */
  readonly version: unknown;
  readonly onChange: () => void;
}) {
  const { context, caseId, count, withheld, version, onChange } = props;
  const { t } = context;
  const { contacts = [], problem } = useAside(context, caseId, version);
  const [selection, setSelection] = useState<Selection>(nothing);
  const [rows, setRows] = useState(pageRows);
  const proven = useMemo(() => contacts.filter(({ verified }) => verified), [contacts]);
  const chosen = [...selection.chosen];
  async function include(reason: string): Promise<void> {
    await api.includeContacts(caseId, chosen, true, reason);
    setSelection(nothing);
    onChange();
  }
  return (
    <details class="panel aside">
      <summary>
        <h2>
          {t('aside')} <small class="quiet num">{count}</small>
        </h2>
        {contacts.length > 0 && (
          <small class="quiet">
            {t('asideCount', { proven: proven.length, other: contacts.length - proven.length })}
          </small>
        )}
        <Reasons context={context} contacts={contacts} />
      </summary>
      <p class="quiet">
        {t('asideLead')} {withheld > 0 && t('withheld', { n: withheld })}
      </p>
      <p class="problem" role="alert">
        {problem}
      </p>
      <div class="bar">
        <button
          disabled={proven.length === 0}
          onClick={() => setSelection({ focus: 0, chosen: new Set(proven.map(({ contactId }) => contactId)) })}
        >
          {t('chooseProven', { n: proven.length })}
        </button>
        <span class="space" />
        <IncludeForm
          context={context}
          label={t('includeN', { n: chosen.length })}
          disabled={chosen.length === 0}
          onInclude={include}
        />
      </div>
      <Table context={context} contacts={contacts.slice(0, rows)} selection={selection} onSelection={setSelection} />
      {contacts.length > rows && (
        <p>
          <button onClick={() => setRows(rows + pageRows * 10)}>{t('more')}</button>
        </p>
      )}
    </details>
  );
}
