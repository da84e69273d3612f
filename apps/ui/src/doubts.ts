// Why a ride is doubtful, as both consoles say it: operators who look into it and tracers who decide about it mean the same.
import type { RideDoubt } from '@tongche/contract';
import type { Named } from './format.ts';

export const doubtNames: Readonly<Record<RideDoubt, Named>> = {
  'out-of-service': { zh: '车辆未运营', en: 'Vehicle not in service' },
  'crowded-minute': { zh: '一分钟内人数过多', en: 'Too many in one minute' },
  'over-capacity': { zh: '超出载客量', en: 'More than the vehicle holds' },
  'far-away': { zh: '车辆远离线路', en: 'Vehicle far from its line' },
  unbound: { zh: '贴码未绑定', en: 'Sticker not bound' },
  gone: { zh: '车辆已退出', en: 'Vehicle left the fleet' },
  unexplained: { zh: '未注明原因', en: 'No reason kept' },
};
