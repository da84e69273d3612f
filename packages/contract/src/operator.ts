// What the operator's console says to the platform: the network, its codes, imports and counts. No rider is in it.
// Same cookie session as the staff page (`/staff/session`), role admin, same origin.
import { Type, type Static } from 'typebox';
import { Base64Url, DayText, DoubtCount, EpochMs, Name, RunBasis, UnitKind, strict } from './common.ts';
import { MAX_QR_CHARS } from './platform.ts';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Count = Type.Integer({ minimum: 0 });
const Id = Type.String({ minLength: 1, maxLength: 64 });
/** Keyset pages: `after` is the `next` of the page before. */
const Cursor = Type.String({ maxLength: 200 });

export const MAX_PAGE_ROWS = 200;
export const MAX_PAGE_IMPORTS = 50;
/** Local hours of a day. */
export const HOURS = 24;

export const UnitRef = strict({ unitId: Id, kind: UnitKind, plate: Nullable(Type.String()), label: Name });
export type UnitRef = Static<typeof UnitRef>;
export const LineRef = strict({ id: Type.String(), shortName: Type.String(), name: Name, colour: Type.String() });
export type LineRef = Static<typeof LineRef>;

/** `heads` by local hour of boarding. `expected`: riders counted by other means (card taps, drivers), null: not known. */
export const LineDay = strict({
  /** Null: rides whose line is not known. */
  line: Nullable(LineRef),
  vehicles: Count,
  /** Vehicles with a run, a trip or a position on this day. */
  inService: Count,
  /** Units somebody signed in to on this day. */
  signedIn: Count,
  /** In service, not one registration. */
  noRegistration: Count,
  deadCodes: Count,
  /** Doubtful rides, as noticed at arrival: kept and counted like all others. */
  flagged: Count,
  heads: Count,
  expected: Nullable(Count),
  hours: Type.Array(Count, { minItems: HOURS, maxItems: HOURS }),
});
export type LineDay = Static<typeof LineDay>;

const DayQuery = strict({ date: Type.Optional(DayText) });
export const OverviewQuery = DayQuery;
/** GET /operator/api/overview?date= (today when absent). `computedMs`: the counts are as of this instant. */
export const Overview = strict({
  date: DayText,
  today: DayText,
  zone: Type.String(),
  nowMs: EpochMs,
  computedMs: EpochMs,
  totals: strict({
    heads: Count,
    rides: Count,
    assisted: Count,
    late: Count,
    flagged: Count,
    doubts: Type.Array(DoubtCount),
    expected: Nullable(Count),
    vehicles: Count,
    inService: Count,
    signedIn: Count,
    noRegistration: Count,
    noCode: Count,
    codes: Count,
    deadCodes: Count,
  }),
  hours: Type.Array(Count, { minItems: HOURS, maxItems: HOURS }),
  lines: Type.Array(LineDay),
});
export type Overview = Static<typeof Overview>;

export const VehicleState = Type.Union([
  Type.Literal('all'),
  Type.Literal('in-service'),
  /** In service, nobody signed in. */
  Type.Literal('no-sign-in'),
  /** In service, not one registration. */
  Type.Literal('no-registration'),
  Type.Literal('dead-sticker'),
  Type.Literal('no-code'),
]);
export type VehicleState = Static<typeof VehicleState>;
/** GET /operator/api/vehicles?date=&line=&state=&q=&after=&limit= */
export const VehicleQuery = strict({
  date: Type.Optional(DayText),
  line: Type.Optional(Type.String({ maxLength: 64 })),
  state: Type.Optional(VehicleState),
  q: Type.Optional(Type.String({ maxLength: 60 })),
  after: Type.Optional(Cursor),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,3}$' })),
});
export type VehicleQuery = Static<typeof VehicleQuery>;
export const VehicleRow = strict({
  unit: UnitRef,
  vehicleId: Id,
  line: Nullable(LineRef),
  inService: Type.Boolean(),
  signedInMs: Nullable(EpochMs),
  codes: Count,
  deadCodes: Count,
  heads: Count,
  flagged: Count,
  lastMs: Nullable(EpochMs),
});
export type VehicleRow = Static<typeof VehicleRow>;
export const VehicleList = strict({ rows: Type.Array(VehicleRow), next: Nullable(Cursor), total: Count });
export type VehicleList = Static<typeof VehicleList>;

export const CodeState = Type.Union([
  Type.Literal('active'),
  /** Bound, but not scanned for a week although its unit was in service. */
  Type.Literal('dead'),
  /** Bound, never scanned yet, younger than a week. */
  Type.Literal('new'),
  Type.Literal('unbound'),
  Type.Literal('revoked'),
]);
export type CodeState = Static<typeof CodeState>;
export const CodeRow = strict({
  code: Base64Url(8),
  shortCode: Type.String(),
  purpose: Type.Union([Type.Literal('passenger'), Type.Literal('crew')]),
  state: CodeState,
  unit: Nullable(UnitRef),
  batchId: Nullable(Type.Integer()),
  aliases: Count,
  issuedMs: Nullable(EpochMs),
  boundMs: Nullable(EpochMs),
  lastMs: Nullable(EpochMs),
  /** Rides of the last seven days. */
  rides: Count,
});
export type CodeRow = Static<typeof CodeRow>;
/** GET /operator/api/codes?state=&unit=&batch=&q=&after=&limit= */
export const CodeQuery = strict({
  state: Type.Optional(CodeState),
  unit: Type.Optional(Id),
  batch: Type.Optional(Type.String({ pattern: '^\\d{1,9}$' })),
  q: Type.Optional(Type.String({ maxLength: 60 })),
  after: Type.Optional(Cursor),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,3}$' })),
});
export type CodeQuery = Static<typeof CodeQuery>;
export const CodeList = strict({ rows: Type.Array(CodeRow), next: Nullable(Cursor), total: Count });
export type CodeList = Static<typeof CodeList>;

export const VehicleDetailQuery = DayQuery;
/** GET /operator/api/vehicles/:unitId?date= */
export const VehicleDetail = strict({
  row: VehicleRow,
  /** First instant of the day, to turn local times into instants. */
  dayStartMs: EpochMs,
  capacity: Count,
  /** Of the day's doubtful rides: why, and when. */
  doubts: Type.Array(DoubtCount),
  doubtHours: Type.Array(Count, { minItems: HOURS, maxItems: HOURS }),
  carriageNo: Nullable(Type.Integer()),
  codes: Type.Array(CodeRow),
  bindings: Type.Array(strict({ code: Base64Url(8), fromMs: EpochMs, toMs: Nullable(EpochMs) })),
  /** The vehicle's runs of the day, as now believed. */
  runs: Type.Array(
    strict({
      runKey: Type.String(),
      line: Nullable(LineRef),
      headsign: Nullable(Name),
      fromMs: EpochMs,
      toMs: EpochMs,
      heads: Count,
      corrected: Type.Boolean(),
    }),
  ),
});
export type VehicleDetail = Static<typeof VehicleDetail>;

/**
 * POST /operator/api/codes → Batch: new codes for units. At least one of `unitIds`, `lineId`, `kind`, `missing` (units
 * without a living code of this purpose); where several are given, units that fit all. At most 20,000 codes.
 */
export const IssueCodes = strict({
  unitIds: Type.Optional(Type.Array(Id, { maxItems: 5000 })),
  lineId: Type.Optional(Type.String({ maxLength: 64 })),
  kind: Type.Optional(UnitKind),
  missing: Type.Optional(Type.Boolean()),
  perUnit: Type.Integer({ minimum: 1, maximum: 20 }),
  purpose: Type.Union([Type.Literal('passenger'), Type.Literal('crew')]),
});
export type IssueCodes = Static<typeof IssueCodes>;
export const Batch = strict({
  batchId: Type.Integer(),
  madeMs: EpochMs,
  purpose: Type.Union([Type.Literal('passenger'), Type.Literal('crew')]),
  perUnit: Type.Integer(),
  units: Count,
  codes: Count,
});
export type Batch = Static<typeof Batch>;
/** GET /operator/api/batches, newest first. GET /operator/api/batches/:id/codes.csv for a printer of their own. */
export const BatchList = strict({ rows: Type.Array(Batch, { maxItems: 200 }) });
export type BatchList = Static<typeof BatchList>;
/**
 * POST /operator/api/codes/:code/move → CodeRow. Also into the past, as far as retention goes: a moved sticker noticed
 * late. What was believed about times after `fromMs` is taken back.
 */
export const MoveCode = strict({ unitId: Id, fromMs: Type.Optional(EpochMs) });
export type MoveCode = Static<typeof MoveCode>;
/** POST /operator/api/codes/:code/revoke → CodeRow · POST /operator/api/codes/:code/replace → CodeRow of the new code. */
export const CodeChange = strict({});
/** POST /operator/api/codes/:code/alias → CodeRow: what another QR says stands for this code from now on. Exact text. */
export const BindAlias = strict({ content: Type.String({ minLength: 1, maxLength: MAX_QR_CHARS }) });

/** Sizes in millimetres and rules: `packages/print`. */
export const PrintTemplate = Type.Union([
  Type.Literal('bus-90x120'),
  Type.Literal('taxi-60x80'),
  Type.Literal('window-50x50'),
  Type.Literal('station-a5'),
  Type.Literal('station-a4'),
]);
export type PrintTemplate = Static<typeof PrintTemplate>;
/** POST /operator/api/prints → PrintJob · GET /operator/api/prints/:id → PrintJob · GET /operator/api/prints/:id/file → PDF. */
export const PrintRequest = strict({
  batchId: Type.Optional(Type.Integer()),
  unitIds: Type.Optional(Type.Array(Id, { maxItems: 5000 })),
  codes: Type.Optional(Type.Array(Base64Url(8), { maxItems: 20_000 })),
  template: PrintTemplate,
});
export type PrintRequest = Static<typeof PrintRequest>;
export const PrintJob = strict({
  printId: Id,
  template: PrintTemplate,
  state: Type.Union([Type.Literal('working'), Type.Literal('ready'), Type.Literal('failed')]),
  done: Count,
  total: Count,
  bytes: Nullable(Count),
  madeMs: EpochMs,
});
export type PrintJob = Static<typeof PrintJob>;

export const ImportKind = Type.Union([
  Type.Literal('gtfs'),
  Type.Literal('line-stops'),
  Type.Literal('fleet'),
  Type.Literal('roster'),
  Type.Literal('codes'),
  Type.Literal('aliases'),
  Type.Literal('vehicle-runs'),
  Type.Literal('positions'),
  Type.Literal('rider-counts'),
]);
export type ImportKind = Static<typeof ImportKind>;
/**
 * POST /operator/api/imports?kind=&name=…: the file as application/octet-stream. Always a dry run: answers what would
 * happen; 64 MiB at most, gzip taken as it comes. GET /operator/api/imports/:id → ImportReport.
 * POST /operator/api/imports/:id/apply does it; refusals `import-refused` (errors, all or nothing), `import-over`. GET /operator/api/imports/:id/bad-rows: CSV to mend and send again.
 */
export const ImportQuery = strict({
  kind: ImportKind,
  name: Type.String({ minLength: 1, maxLength: 200 }),
  /** GTFS whose calendar is over: this day of the feed is taken for today. */
  asOf: Type.Optional(DayText),
  coordinates: Type.Optional(Type.Union([Type.Literal('wgs84'), Type.Literal('gcj02'), Type.Literal('bd09')])),
  platePrefix: Type.Optional(Type.String({ maxLength: 4 })),
});
export type ImportQuery = Static<typeof ImportQuery>;
export const ImportError = strict({
  file: Type.String(),
  line: Count,
  column: Type.String(),
  reason: Type.String(),
});
export type ImportError = Static<typeof ImportError>;
export const ImportReport = strict({
  importId: Id,
  kind: ImportKind,
  name: Type.String(),
  state: Type.Union([
    Type.Literal('checked'),
    Type.Literal('applied'),
    Type.Literal('refused'),
    Type.Literal('expired'),
  ]),
  madeMs: EpochMs,
  appliedMs: Nullable(EpochMs),
  rows: Count,
  good: Count,
  bad: Count,
  errorCount: Count,
  errors: Type.Array(ImportError, { maxItems: 200 }),
  /** Things left aside with a word, not errors: `fares-ignored`, `calendar-over`, … */
  notes: Type.Array(Type.String(), { maxItems: 40 }),
  /** What applying it changes (or changed), by kind of thing. */
  changes: Type.Array(strict({ what: Type.String(), added: Count, changed: Count, same: Count, gone: Count })),
  /** Only in the answer that applied a roster: one-time passwords of new accounts, as CSV. Shown once, kept nowhere. */
  passwordsCsv: Type.Optional(Type.String()),
});
export type ImportReport = Static<typeof ImportReport>;
export const ApplyImport = strict({ mode: Type.Union([Type.Literal('all-or-nothing'), Type.Literal('good-rows')]) });
export type ApplyImport = Static<typeof ApplyImport>;
export const ImportList = strict({ rows: Type.Array(ImportReport, { maxItems: MAX_PAGE_IMPORTS }) });
export type ImportList = Static<typeof ImportList>;
/** GET /operator/api/exports/:kind → what an import of that kind takes (gtfs: zip; others CSV, `?format=xlsx`). */
export const ExportQuery = strict({ format: Type.Optional(Type.Union([Type.Literal('csv'), Type.Literal('xlsx')])) });

/** POST /operator/api/corrections: from … to the vehicle made this run (null: none). Rides are relabelled, open traces told. */
export const CorrectRun = strict({
  vehicleId: Id,
  fromMs: EpochMs,
  toMs: EpochMs,
  runKey: Nullable(Type.String({ maxLength: 200 })),
});
export type CorrectRun = Static<typeof CorrectRun>;
export const Correction = strict({
  correctionId: Type.Integer(),
  vehicleId: Id,
  fromMs: EpochMs,
  toMs: EpochMs,
  runKey: Nullable(Type.String()),
  madeMs: EpochMs,
  /** Rides whose run is another one now. */
  rides: Count,
});
export type Correction = Static<typeof Correction>;
/** GET /operator/api/corrections?date=&unit=: newest first. */
export const CorrectionQuery = strict({ date: Type.Optional(DayText), unit: Type.Optional(Id) });
export const CorrectionList = strict({ rows: Type.Array(Correction, { maxItems: 500 }) });
export type CorrectionList = Static<typeof CorrectionList>;
/** GET /operator/api/vehicles/:unitId/runs?date=&line=: what a correction may name. `line` looks among that line's runs. */
export const RunChoiceQuery = strict({
  date: Type.Optional(DayText),
  line: Type.Optional(Type.String({ maxLength: 64 })),
});
export const RunChoices = strict({
  vehicleId: Id,
  /** What the vehicle made, stretch by stretch, as now believed; `runKey` null: no run. */
  made: Type.Array(
    strict({ runKey: Nullable(Type.String()), basis: RunBasis, fromMs: EpochMs, toMs: EpochMs, heads: Count }),
  ),
  /** Its own runs and the line's, in order of departure. */
  choices: Type.Array(
    strict({
      runKey: Type.String(),
      line: Nullable(LineRef),
      headsign: Nullable(Name),
      fromMs: EpochMs,
      toMs: EpochMs,
      /** The vehicle the timetable or the list of the day names. */
      vehicleId: Type.String(),
    }),
    { maxItems: 1000 },
  ),
});
export type RunChoices = Static<typeof RunChoices>;
/**
 * POST /operator/api/positions: GTFS-Realtime vehicle positions or CSV as application/octet-stream, from an admin's
 * session or with `authorization: Bearer <the configured token>`. `unknown`: positions of vehicles we do not know.
 */
export const PositionsTaken = strict({
  positions: Count,
  vehicles: Count,
  unknown: Count,
  bad: Count,
  relabelled: Count,
});
export type PositionsTaken = Static<typeof PositionsTaken>;

/** GET /operator/api/retention: what is destroyed when. */
export const Retention = strict({
  zone: Type.String(),
  retentionDays: Type.Integer(),
  today: DayText,
  lastRoll: Nullable(DayText),
  nextRollMs: EpochMs,
  /** Local days with rides, newest first. `rides` and `bytes` are the database's own estimates. */
  days: Type.Array(
    strict({ date: DayText, rides: Count, bytes: Count, keysHeld: Type.Boolean(), destroyedOn: DayText }),
  ),
  /** Other things with an end: `what` is a stable word the page translates. */
  others: Type.Array(strict({ what: Type.String(), count: Count, afterDays: Count, nextMs: Nullable(EpochMs) })),
  /** Last rolls, newest first. */
  rolls: Type.Array(strict({ date: DayText, partitions: Count, keys: Count, atMs: EpochMs }), { maxItems: 60 }),
});
export type Retention = Static<typeof Retention>;
