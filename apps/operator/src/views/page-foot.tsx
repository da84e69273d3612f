// The foot of a long list: how much of it is loaded, and how many rows come at a time.
import type { Context } from '../context.ts';
import { countText } from '../format.ts';

const pageSizes = [20, 50, 100, 200] as const;
export const defaultSize = 50;

/** The size an address asks for. */
export function sizeOf(text: string | undefined): number {
  return pageSizes.find((each) => String(each) === text) ?? defaultSize;
}

export function PageFoot(props: {
  readonly context: Context;
  readonly shown: number;
  readonly total: number;
  readonly size: number;
  readonly chosen: number;
  readonly onSize: (size: number) => void;
  readonly onMore: () => void;
}) {
  const { t } = props.context;
  return (
    <div class="bar foot">
      <span class="quiet num" role="status">
        {t('loadedOf', { n: countText(props.shown), total: countText(props.total) })}
        {props.chosen > 0 && ` · ${t('chosen', { n: props.chosen })}`}
      </span>
      {props.shown < props.total && <button onClick={props.onMore}>{t('more')}</button>}
      <span class="space" />
      <select
        aria-label={t('rows', { n: '' })}
        value={String(props.size)}
        onChange={(event) => props.onSize(Number(event.currentTarget.value))}
      >
        {pageSizes.map((size) => (
          <option key={size} value={size}>
            {t('rows', { n: size })}
          </option>
        ))}
      </select>
    </div>
  );
}
