// Why a ride is doubtful, as both consoles say it: operators who look into it and tracers who decide about it mean the same.
import type { RideDoubt } from '@tongche/contract';
import type { Named } from './format.ts';

export const doubtNames: Readonly<Record<RideDoubt, Named>> = {
  'out-of-service': { zh: '车辆未运营', en: 'Not in service' },
  'crowded-minute': { zh: '一分钟人数过多', en: 'Crowded minute' },
  'over-capacity': { zh: '超出载客量', en: 'Over capacity' },
  'far-away': { zh: '车辆远离线路', en: 'Vehicle far away' },
  unbound: { zh: '贴码未绑定', en: 'Unbound sticker' },
  gone: { zh: '车辆已退出', en: 'Left the fleet' },
  unexplained: { zh: '未注明原因', en: 'No reason kept' },
};
