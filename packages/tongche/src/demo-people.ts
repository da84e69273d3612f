// Accounts of the demonstration. Their passwords are printed at the start, so production refuses every one of them.
import type { CaseworkRunning } from '@tongche/casework';
import type { RunningPlatform } from '@tongche/platform';

/** Names as the console's one-press sign-in knows them. */
export const CASEWORK_PEOPLE = [
  { person: 'tracer', role: 'tracer', nameZh: '陈晓宁', nameEn: 'Chen Xiaoning', password: 'demo-tracer' },
  { person: 'approver', role: 'approver', nameZh: '林国平', nameEn: 'Lin Guoping', password: 'demo-approver' },
  { person: 'officer', role: 'officer', nameZh: '赵雅文', nameEn: 'Zhao Yawen', password: 'demo-officer' },
] as const;

export const PLATFORM_STAFF = [
  { account: 'driver', role: 'driver', name: { zh: '周师傅', en: 'Driver Zhou' }, password: 'demo-driver' },
  {
    account: 'station',
    role: 'station',
    name: { zh: '站务员小何', en: 'Station attendant He' },
    password: 'demo-station',
  },
  { account: 'admin', role: 'admin', name: { zh: '王主管', en: 'Manager Wang' }, password: 'demo-admin' },
] as const;

export async function addCaseworkPeople(casework: Pick<CaseworkRunning, 'addStaff'>): Promise<void> {
  for (const { password, ...member } of CASEWORK_PEOPLE) await casework.addStaff(member, password, { demo: true });
}

export async function addPlatformStaff(platform: Pick<RunningPlatform, 'putStaff'>): Promise<void> {
  for (const staff of PLATFORM_STAFF) await platform.putStaff({ ...staff, demo: true });
}
