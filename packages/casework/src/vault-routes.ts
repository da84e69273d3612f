// What the console may ask of the vault, and who may ask it. Casework checks form and role, adds the actor and passes on.
import {
  ApproveMessages,
  AskExport,
  CorrectFacts,
  GapDecision,
  IncludeContacts,
  IncludeRide,
  MessageBatch,
  NewCase,
  OutcomeRequest,
  PickRequest,
  ResendRequest,
  RevealRequest,
  SignOrder,
  NumberUse,
  StrikeRide,
  ToldRide,
  Empty,
} from '@tongche/contract';
import type { TSchema } from 'typebox';
import type { StaffRole } from './store/staff.ts';

export interface VaultRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: TSchema;
  /** Roles that may ask; everybody signed in where absent. The vault checks signatures itself. */
  readonly roles?: readonly StaffRole[];
  /** Largest body in bytes, where it is not the server's. */
  readonly bodyLimit?: number;
  /** The answer is a file, passed on as it comes. */
  readonly isFile?: true;
}

/** A batch of messages names up to ten thousand contacts by ids of 36 characters; the vault takes as much. */
const batchBytes = 1024 * 1024;
const caseStaff: readonly StaffRole[] = ['tracer', 'approver'];

export const vaultRoutes: readonly VaultRoute[] = [
  { method: 'GET', path: '/cases', roles: caseStaff },
  { method: 'POST', path: '/cases', body: NewCase, roles: ['tracer'] },
  { method: 'GET', path: '/policies' },
  { method: 'GET', path: '/cases/:caseId', roles: caseStaff },
  { method: 'POST', path: '/cases/:caseId/facts', body: CorrectFacts, roles: ['tracer'] },
  { method: 'POST', path: '/cases/:caseId/orders', body: Empty, roles: ['tracer'] },
  { method: 'POST', path: '/orders/:orderHash/signatures', body: SignOrder, roles: caseStaff },
  { method: 'GET', path: '/cases/:caseId/trace', roles: caseStaff },
  { method: 'GET', path: '/cases/:caseId/interview', roles: caseStaff },
  { method: 'POST', path: '/cases/:caseId/interview/legs', body: ToldRide, roles: ['tracer'] },
  { method: 'POST', path: '/cases/:caseId/interview/legs/:legId/picks', body: PickRequest, roles: ['tracer'] },
  { method: 'POST', path: '/cases/:caseId/interview/legs/:legId/remove', body: Empty, roles: ['tracer'] },
  { method: 'POST', path: '/cases/:caseId/interview/gaps/:gapId', body: GapDecision, roles: ['tracer'] },
  { method: 'POST', path: '/cases/:caseId/interview/rides/:rideId', body: StrikeRide, roles: ['tracer'] },
  { method: 'POST', path: '/cases/:caseId/interview/number', body: NumberUse, roles: ['tracer'] },
  { method: 'GET', path: '/cases/:caseId/findings', roles: caseStaff },
  { method: 'GET', path: '/network', roles: caseStaff },
  { method: 'GET', path: '/cases/:caseId/contacts', roles: caseStaff },
  { method: 'POST', path: '/cases/:caseId/rides/:rideId/include', body: IncludeRide, roles: caseStaff },
  {
    method: 'POST',
    path: '/cases/:caseId/contacts/include',
    body: IncludeContacts,
    roles: caseStaff,
    bodyLimit: batchBytes,
  },
  { method: 'POST', path: '/cases/:caseId/contacts/:contactId/reveal', body: RevealRequest, roles: caseStaff },
  { method: 'POST', path: '/cases/:caseId/contacts/:contactId/outcome', body: OutcomeRequest, roles: caseStaff },
  {
    method: 'POST',
    path: '/cases/:caseId/messages/preview',
    body: MessageBatch,
    roles: caseStaff,
    bodyLimit: batchBytes,
  },
  {
    method: 'POST',
    path: '/cases/:caseId/messages',
    body: ApproveMessages,
    roles: ['approver'],
    bodyLimit: batchBytes,
  },
  { method: 'POST', path: '/cases/:caseId/messages/:contactId/resend', body: ResendRequest, roles: caseStaff },
  { method: 'GET', path: '/cases/:caseId/exports', roles: caseStaff },
  { method: 'POST', path: '/cases/:caseId/exports', body: AskExport, roles: caseStaff },
  { method: 'POST', path: '/cases/:caseId/exports/:exportHash/signatures', body: SignOrder, roles: caseStaff },
  {
    method: 'POST',
    path: '/cases/:caseId/exports/:exportHash/files/:part',
    body: Empty,
    roles: caseStaff,
    isFile: true,
  },
  { method: 'POST', path: '/cases/:caseId/close', body: Empty, roles: caseStaff },
  { method: 'GET', path: '/keys' },
  { method: 'GET', path: '/log' },
  { method: 'GET', path: '/roster' },
];
