// Two pairs of eyes: the roster of staff keys, assertions over what is approved, the development authenticator.
export { ROLES, signRoster, verifyRoster } from './roster.ts';
export type { Role, Roster, RosterBody, RosterKey } from './roster.ts';
export { checkTwoPeople, verifyAssertion } from './assertion.ts';
export type { Approval, Assertion, AssertionRefusal, Mode } from './assertion.ts';
export { developmentAuthenticator, makeDevelopmentKey } from './development.ts';
export type { DevelopmentAuthenticator, DevelopmentKey } from './development.ts';
