// What a demonstration ends with: a dozen lines for a person, or one JSON line for a program.
import type { DayPlan, DayStatistics, Grade } from '@tongche/simulator';
import type { CaseOutcome } from './the-case.ts';

export interface Phases {
  readonly startS: number;
  readonly enrolS: number;
  readonly dayS: number;
  readonly totalS: number;
}

export interface DemoReport {
  /** The simulated day, 'YYYY-MM-DD'. */
  readonly date: string;
  readonly riders: number;
  readonly seed: number;
  readonly plannedRides: number;
  readonly statistics: DayStatistics;
  /** Rows of the operator's ride table, and how many there must be: acknowledged and not taken back. */
  readonly stored: number;
  readonly expectedStored: number;
  readonly theCase: CaseOutcome;
  readonly later: Grade;
  readonly phases: Phases;
}

export function countOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Whether the day was as it must be: nothing refused or lost, nobody who could be found missing, nobody told in vain. */
export function isGood({ statistics, stored, expectedStored, theCase, later }: DemoReport): boolean {
  return (
    countOf(statistics.refused) === 0 &&
    statistics.faults === 0 &&
    stored === expectedStored &&
    theCase.grade.missing === 0 &&
    later.missing === 0 &&
    theCase.grade.extra.unexplained === 0 &&
    theCase.delivered === theCase.messages
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function listOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([code, count]) => `${count} ${code}`)
    .join(', ');
}

const unknownWords: Readonly<Record<keyof Grade['unknown'], string>> = {
  'no-scan': 'did not scan',
  'dead-sticker': 'had a dead sticker before them',
  'nobody-signed-in': 'had no phone, and no driver had signed in',
  'driver-busy': 'had no phone, and the driver was busy',
  'not-sent-yet': 'still without a network',
};
const extraWords: Readonly<Record<keyof Grade['extra'], string>> = {
  'stops-not-told': 'did not say where they got off',
  'wrong-vehicle': 'scanned the wrong vehicle and left it so',
  unexplained: 'without an explanation',
};

function worded<Key extends string>(
  counts: Readonly<Record<Key, number>>,
  words: Readonly<Record<Key, string>>,
): string {
  const named = (Object.keys(counts) as Key[]).map((key) => [words[key], counts[key]] as const);
  return listOf(Object.fromEntries(named));
}

/** The grade in words: found, unknown to everybody, listed without having been aboard. */
export function gradeLines(grade: Grade): readonly string[] {
  const unknown = worded(grade.unknown, unknownWords);
  const extra = worded(grade.extra, extraWords);
  const assisted = grade.foundAssisted > 0 ? `, ${grade.foundAssisted} of them registered by a driver` : '';
  return [
    `found ${grade.found} of ${grade.expected} registered fellow riders${assisted} (recall ${percent(grade.recall)})`,
    ...(unknown === '' ? [] : [`${grade.aboard} were aboard; not registered: ${unknown}`]),
    ...(extra === '' ? [] : [`listed besides: ${extra} (precision ${percent(grade.precision)})`]),
  ];
}

export function reportLines(report: DemoReport, plan: DayPlan): readonly string[] {
  const { statistics: day, theCase, phases } = report;
  const refused = listOf(day.refused);
  const retried = listOf(day.retried);
  const faults = day.faults === 0 ? '' : `; ${day.faults} faults, the first: ${day.firstFault ?? ''}`;
  const storedWord = report.stored === report.expectedStored ? 'as acknowledged' : `NOT the ${report.expectedStored}`;
  return [
    '',
    'The day in numbers',
    `  Riders          ${plan.riders.length}, of whom ${day.enrolled} enrolled a phone (crew among them); they rode ${plan.rides.length} times`,
    `  Registrations   ${day.acknowledged} for ${day.heads} people: ${day.scanned} scans, ${day.companions} companions, ${day.assisted} by drivers, ${day.offline} sent later, ${day.crew} crew`,
    `  Wrong vehicle   ${day.wrong} scans, ${day.undone} taken back within two minutes`,
    `  Stop notes      ${day.notes} through the relay, ${day.chained} of them told by a next boarding`,
    `  Staff           ${day.signIns} sign-ins, ${day.trips} trips started`,
    `  Refused         ${refused === '' ? 'nobody' : refused}${retried === '' ? '' : `; tried again and taken: ${retried}`}${faults}`,
    `  Stored          ${report.stored} rows, ${storedWord}`,
    `  Answer          half within ${day.ride.p50Ms} ms, 99 % within ${day.ride.p99Ms} ms`,
    'The case',
    ...gradeLines(theCase.grade).map(
      (line, index) => `  ${index === 0 ? 'At noon         ' : '                '}${line}`,
    ),
    `  At night        ${gradeLines(report.later)[0] ?? ''}`,
    `  Told            ${theCase.delivered} of ${theCase.messages} messages delivered`,
    `  Machine time    ${theCase.enterToListMs} ms from entering the case to the list, two signatures included; ${theCase.listToSentMs} ms to the last delivery`,
    `Real time         ${phases.totalS} s: start ${phases.startS} s, enrolment ${phases.enrolS} s, the day ${phases.dayS} s`,
  ];
}
