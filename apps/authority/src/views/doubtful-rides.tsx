// The case's own doubtful rides: why each is doubted, whether it opens a window, and the way to change that.
import type { TraceView } from '@tongche/contract';
import { plateText } from '@tongche/ui';
import { api } from '../api.ts';
import { momentText, named, type Context } from '../context.ts';
import { Doubts, IncludeForm } from './include.tsx';

type Ride = TraceView['rides'][number];

export function isAside({ doubts, included }: Pick<Ride, 'doubts' | 'included'>): boolean {
  return doubts.length > 0 && included === null;
}

export function DoubtfulRides({
  context,
  caseId,
  rides,
  onChange,
}: {
  readonly context: Context;
  readonly caseId: string;
  readonly rides: readonly Ride[];
  readonly onChange: () => void;
}) {
  const { t } = context;
  const doubtful = rides.filter(({ doubts }) => doubts.length > 0);
  if (doubtful.length === 0) return null;
  return (
    <section class="panel" aria-label={t('doubtfulRides')}>
      <h2>{t('doubtfulRides')}</h2>
      <p class="quiet">{t('doubtfulRidesLead')}</p>
      <ul class="doubtful">
        {doubtful.map((ride) => (
          <li key={ride.rideId}>
            <div>
              <b class="num">{momentText(context, ride.boardedMs)}</b> {named(context, ride.line)}{' '}
              {ride.plate === null ? named(context, ride.unitLabel) : plateText(ride.plate)}{' '}
              <Doubts context={context} doubts={ride.doubts} />
              {ride.included !== null && (
                <div class="quiet">
                  {t('includedBy', { by: ride.included.by, time: momentText(context, ride.included.atMs) })}:{' '}
                  {ride.included.reason}
                </div>
              )}
            </div>
            <IncludeForm
              context={context}
              label={t(ride.included === null ? 'includeRide' : 'excludeRide')}
              onInclude={async (reason) => {
                await api.includeRide(caseId, ride.rideId, ride.included === null, reason);
                onChange();
              }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
