// The demonstration's people, as `npm start` prints them. They exist in demonstration mode only.
export interface DemoPerson {
  readonly account: string;
  readonly password: string;
  readonly role: 'tracer' | 'approver' | 'officer';
}

export const demoPeople: readonly DemoPerson[] = [
  { account: 'tracer', password: 'demo-tracer', role: 'tracer' },
  { account: 'approver', password: 'demo-approver', role: 'approver' },
  { account: 'officer', password: 'demo-officer', role: 'officer' },
];
