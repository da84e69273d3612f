// A case is corrected or added to after it was entered: under lock, in the log (that it happened, never what), and a trace
// that is watched is carried out anew.
import { Refusal } from '@tongche/contract';
import type { CaseFacts } from '@tongche/contract';
import { lockCase, putCase } from '../store/cases.ts';
import { casePlace } from './access.ts';
import type { OpenCase } from './access.ts';
import type { Cases } from './cases.ts';
import type { Actor, Common } from './common.ts';
import { factsDoc } from './facts.ts';
import type { CaseDoc } from './model.ts';
import type { Traces } from './trace.ts';

export type Amended = 'facts' | 'interview';

export interface Amendments {
  /** A date was wrong, or is known by now. Throws Refusal bad-case. */
  facts(actor: Actor, caseId: string, facts: CaseFacts): Promise<void>;
  /** Writes what `work` makes of the case; undefined: nothing changes. */
  change(actor: Actor, caseId: string, what: Amended, work: (doc: CaseDoc) => CaseDoc | undefined): Promise<OpenCase>;
}

export function openAmendments(parts: Common & { readonly cases: Cases; readonly traces: Traces }): Amendments {
  const { config, db, clock, transparency, hub, onLog, cases, traces } = parts;
  const { access } = cases;

  async function change(
    actor: Actor,
    caseId: string,
    what: Amended,
    work: (doc: CaseDoc) => CaseDoc | undefined,
  ): Promise<OpenCase> {
    const changed = await db.tx('amend-case', async (tx) => {
      await lockCase(tx, caseId);
      const one = await access.open(caseId, tx);
      const doc = work(one.doc);
      if (doc === undefined) return undefined;
      const atMs = clock.now();
      await putCase(tx, caseId, one.key.seal(casePlace(caseId), doc));
      await transparency.append(tx, atMs, [await access.entry(one, actor, 'amend', { what })]);
      return { ...one, doc };
    });
    if (changed === undefined) return access.open(caseId);
    onLog();
    hub.send('case', { caseId });
    const order = await access.order(changed);
    if (order?.row.state === 'done' && clock.now() <= order.row.watchUntilMs) traces.again(order.row.orderHash);
    return changed;
  }

  return {
    change,
    async facts(actor, caseId, facts) {
      const doc = factsDoc(facts, clock.now(), config.authority.zone);
      await change(actor, caseId, 'facts', (before) => {
        if (JSON.stringify(before.facts) === JSON.stringify(doc)) throw new Refusal('conflict');
        return { ...before, facts: doc };
      });
    },
  };
}
