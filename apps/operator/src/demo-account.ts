// The demonstration's administrator, as the command line makes it. Production refuses the account.
export const demoAccount = { account: 'admin', password: 'demo-admin' } as const;
