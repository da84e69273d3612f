// What is to be said about a unit on a day, each as colour, icon and word.
import type { VehicleRow } from '@tongche/contract';
import { Tag } from '@tongche/ui';
import type { Context } from '../context.ts';

export function StateTags({ context, row }: { readonly context: Context; readonly row: VehicleRow }) {
  const { t } = context;
  return (
    <>
      {row.deadCodes > 0 && <Tag kind="err" icon="✕" text={`${t('deadCodes')} ${row.deadCodes}`} />}
      {row.inService && row.heads === 0 && <Tag kind="err" icon="!" text={t('noRegistration')} />}
      {row.codes === 0 && <Tag kind="warn" icon="?" text={t('noCode')} />}
      {row.inService && row.signedInMs === null && <Tag kind="warn" icon="○" text={t('noSignIn')} />}
      {row.flagged > 0 && <Tag kind="warn" icon="⚑" text={`${t('flagged')} ${row.flagged}`} />}
      {!row.inService && <Tag kind="plain" icon="–" text={t('outOfService')} />}
      {row.inService && row.heads > 0 && row.signedInMs !== null && row.deadCodes === 0 && row.flagged === 0 && (
        <Tag kind="info" icon="●" text={t('inService')} />
      )}
    </>
  );
}
