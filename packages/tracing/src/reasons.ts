// Why somebody is on the list, in words: stable codes for machines, Chinese and English for people.
import type { Scene } from './scene.ts';
import type { Basis, Contact, Exposure, Name, Reason, RunTimes, Space, Via } from './types.ts';

/** Rides told one by one; more are counted. */
const MAX_TOLD = 3;

type Unexplained = Omit<Contact, 'reasons'>;

function reason(code: string, zh: string, en: string): Reason {
  return { code, text: { zh, en } };
}

/** 1..99: neither certain nor impossible, unless it is. */
function percent(probability: number): number {
  return probability >= 0.9995 ? 100 : Math.min(Math.max(Math.round(probability * 100), 1), 99);
}

export function minutesText(minutes: number): string {
  return minutes < 0.95 ? '<1' : minutes < 9.95 ? String(Math.round(minutes * 10) / 10) : String(Math.round(minutes));
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** HH:MM of the authority's zone. */
export function clockText(ms: number, zone: string): string {
  let format = clocks.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    clocks.set(zone, format);
  }
  return format.format(ms);
}

function stopName(run: RunTimes, seq: number): Name {
  return run.stops.find((stop) => stop.seq === seq)?.name ?? { zh: `第${seq}站`, en: `stop ${seq}` };
}

/** Line and vehicle as people read them: "M133路 粤B12345D". */
function vehicleName(space: Space, run: RunTimes | undefined): Name {
  const of = space.plate === null ? space.label : { zh: space.plate, en: space.plate };
  const line = run?.line;
  return line === null || line === undefined ? of : { zh: `${line.zh} ${of.zh}`, en: `${line.en} ${of.en}` };
}

/** One of the two scanned a station's code. Times and stops are those of the likeliest train. */
function sameTrainText(
  scene: Scene,
  { unit, runKey, fromSeq, toSeq }: Exposure,
  { at, likely, minutes }: { readonly at: string; readonly likely: number; readonly minutes: string },
): Reason {
  const run = runKey === null ? undefined : scene.input.world.run(runKey);
  const { label } = scene.space(unit);
  const line = run?.line ?? { zh: '列车', en: 'Train' };
  const [from, to] = [fromSeq, toSeq].map((seq) =>
    run === undefined || seq === null ? undefined : stopName(run, seq),
  );
  const where = {
    zh: from === undefined || to === undefined ? '' : `，最可能在${from.zh}至${to.zh}之间`,
    en: from === undefined || to === undefined ? '' : `, most likely between ${from.en} and ${to.en}`,
  };
  return reason(
    'same-train',
    `${line.zh}：${at}于${label.zh}登记，与病例乘同一列车的可能性约 ${likely}%${where.zh}，预计约 ${minutes} 分钟；车厢不明`,
    `${line.en}: registered ${at} (${label.en}), on the same train with about ${likely} %${where.en}, ${minutes} min expected; the carriage is not known`,
  );
}

function togetherText(scene: Scene, exposure: Exposure): Reason {
  const { zone } = scene.input;
  const run = exposure.runKey === null ? undefined : scene.input.world.run(exposure.runKey);
  const vehicle = vehicleName(scene.space(exposure.unit), run);
  const at = clockText(exposure.boardedMs, zone);
  const likely = percent(exposure.probability);
  const minutes = minutesText(exposure.minutes);
  const { fromSeq, toSeq } = exposure;
  if (exposure.zone === 'after-leaving') {
    return reason(
      'after-leaving',
      `${vehicle.zh}：病例下车后不久（${at}登记）乘坐，可能性约 ${likely}%`,
      `${vehicle.en}: boarded soon after the case had left (registered ${at}), about ${likely} %`,
    );
  }
  if (exposure.zone === 'same-train') return sameTrainText(scene, exposure, { at, likely, minutes });
  if (run === undefined || fromSeq === null || toSeq === null) {
    return reason(
      'together-by-time',
      `${vehicle.zh}：${at}登记，按登记时间推算同车，可能性约 ${likely}%，预计约 ${minutes} 分钟`,
      `${vehicle.en}: registered ${at}, together by time of registration, about ${likely} %, ${minutes} min expected`,
    );
  }
  const [from, to] = [stopName(run, fromSeq), stopName(run, toSeq)];
  return reason(
    'together',
    `${vehicle.zh}：${at}登记，${from.zh}至${to.zh}之间同乘，可能性约 ${likely}%，预计约 ${minutes} 分钟`,
    `${vehicle.en}: registered ${at}, on board together between ${from.en} and ${to.en}, about ${likely} %, ${minutes} min expected`,
  );
}

const ALIGHTING: Readonly<Record<Basis, readonly [Name, Name]>> = {
  observed: [
    { zh: '病例下车时间有记录', en: 'Where the case got off was recorded' },
    { zh: '其下车时间有记录', en: 'Where they got off was recorded' },
  ],
  interviewed: [
    { zh: '病例下车站来自流调询问', en: 'Where the case got off was told in the interview' },
    { zh: '其下车站来自询问', en: 'Where they got off was told when asked' },
  ],
  chained: [
    { zh: '病例下车站由下一次乘车推断', en: 'Where the case got off is inferred from the next ride' },
    { zh: '其下车站由下一次乘车推断', en: 'Where they got off is inferred from their next ride' },
  ],
  habitual: [
    { zh: '病例下车站由平时习惯推断', en: 'Where the case got off is inferred from habit' },
    { zh: '其下车站由平时习惯推断', en: 'Where they got off is inferred from habit' },
  ],
  prior: [
    {
      zh: '病例下车站不明，按该线路乘客的一般情况估计',
      en: 'Where the case got off is not known; estimated from rides of this line',
    },
    {
      zh: '其下车站不明，按该线路乘客的一般情况估计',
      en: 'Where they got off is not known; estimated from rides of this line',
    },
  ],
};

/** Below this a number that two may use is worth a word. */
const SURELY_OWN = 0.95;

function ownReasons({ ownShare }: Exposure): readonly Reason[] {
  if (ownShare >= SURELY_OWN) return [];
  const likely = percent(ownShare);
  return [
    reason(
      'number-of-two',
      `病例的号码可能由两人共用，该次乘车为本人的可能性约 ${likely}%，请核实`,
      `The number of the case may be used by two; that the ride was the case’s own is about ${likely} % likely, to be verified`,
    ),
  ];
}

function basisReasons({ basis, caseBasis, timeline }: Exposure): readonly Reason[] {
  if (!timeline) {
    return [
      reason(
        'no-timeline',
        '该车没有运行时刻记录，仅按登记时间和一般乘车时长推算',
        'There is no timeline of this vehicle: judged by times of registration and how long rides last',
      ),
    ];
  }
  const [ofCase] = ALIGHTING[caseBasis];
  const [, ofOther] = ALIGHTING[basis];
  return [
    reason(`case-alighting-${caseBasis}`, ofCase.zh, ofCase.en),
    reason(`alighting-${basis}`, ofOther.zh, ofOther.en),
  ];
}

function zoneReasons(scene: Scene, exposure: Exposure): readonly Reason[] {
  const { air } = scene.shared(exposure);
  const out: Reason[] = [];
  switch (exposure.zone) {
    case 'served-area':
      out.push(reason('staff', '当班工作人员', 'On shift as staff'));
      break;
    case 'same-vehicle':
      out.push(reason('other-space', '同一列车的其他车厢', 'In another carriage of the same train'));
      break;
    case 'unknown':
      out.push(reason('seat-unknown', '座位不明，需核实', 'The seat is not known; to be verified'));
      break;
    case 'adjacent':
      out.push(reason('same-row', '同排座位', 'In the same row'));
      break;
    case 'near-rows':
      out.push(reason('near-rows', '邻近座位排', 'In a row nearby'));
      break;
    case 'same-train':
      out.push(
        reason(
          'train-inferred',
          '所乘列车由车站登记时间推断，是否同车厢不明，需核实',
          'Which train it was is inferred from the registration at a station; whether in one carriage is not known; to be verified',
        ),
      );
      break;
    case 'same-space':
    case 'after-leaving':
      break;
  }
  if (air === 'unknown') out.push(reason('air-unknown', '车内通风情况不明', 'How the air is kept is not known'));
  if (air === 'sealed') out.push(reason('air-sealed', '密闭空调', 'Sealed and air-conditioned'));
  return out;
}

const REGISTERED: Partial<Readonly<Record<Via, Reason>>> = {
  driver: reason('registered-by-driver', '由司机代登记', 'Registered by the driver'),
  helper: reason(
    'registered-by-helper',
    '由他人代登记，联系方式未经本人确认',
    'Registered by somebody else; the contact is not confirmed',
  ),
  paper: reason(
    'registered-on-paper',
    '纸质登记，时间为填写时间',
    'Registered on paper; the time is the one written down',
  ),
  investigator: reason('told-by-investigator', '由流调人员补录', 'Added by an investigator'),
};

/** Times that were planned, not measured. */
function planReasons(scene: Scene, { runKey }: Exposure): readonly Reason[] {
  const run = runKey === null ? undefined : scene.input.world.run(runKey);
  if (!(run?.stops.some(({ source }) => source === 'schedule') ?? false)) return [];
  return [
    reason('times-by-timetable', '停站时间按时刻表，未经实测', 'Times of stops are the timetable’s, not measured'),
  ];
}

function personReasons(scene: Scene, { exposures, tier, aside, hop }: Unexplained, rides: number): readonly Reason[] {
  const out: Reason[] = [];
  const more = rides - MAX_TOLD;
  if (more > 0)
    out.push(reason('more-rides', `另有 ${more} 次同乘`, `and ${more} more shared ride${more === 1 ? '' : 's'}`));
  const heads = Math.max(...exposures.map(({ party }) => party));
  if (heads > 0) out.push(reason('party', `另有 ${heads} 名同行者`, `With ${heads} more on the same registration`));
  if (scene.input.facts.severe && tier === 'close' && hop === 1) {
    out.push(reason('severe', '病例接触期间症状明显', 'The case had severe symptoms'));
  }
  if (hop === 2) out.push(reason('secondary', '与密切接触者同乘', 'On board with a close contact'));
  if (aside) out.push(reason('doubtful', '登记存疑，单独列出', 'The registration is doubtful; kept apart'));
  return out;
}

/** One per ride: of having been together and having come after, the likelier; a station's hall and its trains apart. */
function likeliest(exposures: readonly Exposure[]): readonly Exposure[] {
  const seen = new Set<string>();
  return exposures
    .toSorted((a, b) => b.probability - a.probability)
    .filter(({ presenceId, throughId, zone }) => {
      const ride = `${presenceId}\n${throughId}\n${zone === 'same-train' ? 'train' : ''}`;
      return !seen.has(ride) && seen.add(ride);
    });
}

/** The likeliest rides first, each code once. */
export function reasonsFor(scene: Scene, contact: Unexplained): readonly Reason[] {
  const rides = likeliest(contact.exposures);
  const told = rides.slice(0, MAX_TOLD);
  const common = [
    ...told.flatMap(ownReasons),
    ...told.flatMap((exposure) => basisReasons(exposure)),
    ...told.flatMap((exposure) => planReasons(scene, exposure)),
    ...told.flatMap((exposure) => zoneReasons(scene, exposure)),
    ...told.flatMap(({ via }) => REGISTERED[via] ?? []),
    ...personReasons(scene, contact, rides.length),
  ];
  const seen = new Set<string>();
  const once = common.filter(({ code }) => !seen.has(code) && seen.add(code));
  return [...told.map((exposure) => togetherText(scene, exposure)), ...once];
}
