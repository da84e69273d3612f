// What an import says about a file, in words: reasons of errors, notes, kinds of things. An unknown word shows itself.
import type { Language } from './words.ts';

type Pair = readonly [zh: string, en: string];

const reasons: Readonly<Record<string, Pair>> = {
  'missing-file': ['压缩包中缺少这个文件', 'the zip lacks this file'],
  'unreadable-file': ['无法识别：不是文本或 Excel，或已损坏', 'neither text nor a spreadsheet, or damaged'],
  'too-large': ['超过允许的大小', 'larger than allowed'],
  'bad-encoding': ['文字已损坏：不是 UTF-8 也不是 GB18030', 'damaged letters: neither UTF-8 nor GB 18030'],
  'missing-column': ['缺少这一列', 'this column is missing'],
  'missing-value': ['不能为空', 'must not be empty'],
  'bad-row': ['列数与表头不符', 'does not fit the header'],
  'bad-number': ['不是有效的数字', 'not a valid number'],
  'bad-time': ['不是有效的时间', 'not a valid time'],
  'bad-date': ['不是有效的日期', 'not a valid date'],
  'bad-plate': ['车牌格式不正确', 'not a valid plate'],
  'bad-code': ['编码不正确（校验位或长度不符）', 'not a valid code (check character or length)'],
  'unknown-value': ['不在允许的取值内', 'not one of the allowed values'],
  'unknown-reference': ['所指的对象不存在', 'names something that does not exist'],
  duplicate: ['与前面的行重复', 'the same as an earlier row'],
  'out-of-order': ['顺序不对', 'out of order'],
  conflict: ['与系统中已有的数据矛盾', 'contradicts what is stored'],
};

const notes: Readonly<Record<string, Pair>> = {
  'fares-ignored': ['票价未导入（本系统不用）。', 'Fares were left aside; they are not used here.'],
  'shapes-ignored': ['线路走向图形未导入。', 'Shapes were left aside.'],
  'transfers-ignored': ['换乘规则未导入。', 'Transfer rules were left aside.'],
  'pathways-ignored': ['站内通道未导入。', 'Pathways were left aside.'],
  'booking-rules-ignored': ['预约规则未导入。', 'Booking rules were left aside.'],
  'attributions-ignored': ['数据来源声明未导入。', 'Attributions were left aside.'],
  'other-files-ignored': ['压缩包中还有不认识的文件，已忽略。', 'The zip has other files, which were left aside.'],
  'flexible-trips-ignored': ['按需停靠的区域已略过。', 'On-demand areas were passed over.'],
  'headways-approximate': [
    '部分班次只有间隔，发车时间为近似。',
    'Some trips have headways only; their departures are approximate.',
  ],
  'several-time-zones': ['文件含多个时区。', 'The feed has several time zones.'],
  'no-service-days': ['日历中没有任何运营日。', 'The calendars have no day of service.'],
  'calendar-over': [
    '日历已过期：填写“以文件中的这一天为今天”再检查一次。',
    'The calendar is over: check again with a day of the feed taken for today.',
  ],
  'calendar-ahead': ['日历尚未开始。', 'The calendar has not begun.'],
  'read-as': ['文字编码', 'Read as'],
  delimiter: ['分隔符', 'Delimiter'],
  'first-sheet-of': ['只读第一张工作表，工作表总数', 'Only the first sheet was read, of'],
  'rows-above-header': ['表头以上略过的行数', 'Rows above the header passed over'],
  'columns-ignored': ['未使用的列', 'Columns not used'],
  'columns-found': ['文件中的列', 'Columns of the file'],
  mended: ['已改正的退回行：其他记录不受影响。', 'Mended rows: nothing else is touched.'],
  'kind-assumed': ['没有类型列，按此类型导入', 'No kind given; taken to be'],
  'unknown-lines': ['系统中没有的线路', 'Lines that are not known here'],
  coordinates: ['坐标系', 'Coordinates'],
  'lists-repeated': ['内容重复的线路表', 'Lists that repeat another'],
  'lists-too-short': ['少于两站的线路表，未导入', 'Lists of fewer than two stops, left out'],
  'reverse-added': ['补上的返程方向', 'Return directions added'],
  'variants-left-out': ['未采用的线路走向变体', 'Variants of lines left out'],
  feed: ['数据流', 'Feed'],
  'entities-without-vehicle': ['不是车辆位置的条目', 'Entities that are no vehicle position'],
  'out-of-time': ['超出保存期或在将来，未采用的位置', 'Positions too old or in the future, not used'],
  'unknown-vehicles': ['不认识的车辆的位置，未采用', 'Positions of unknown vehicles, not used'],
};

const things: Readonly<Record<string, Pair>> = {
  lines: ['线路', 'Lines'],
  directions: ['方向', 'Directions'],
  stops: ['站点', 'Stops'],
  units: ['登记单元', 'Units'],
  codes: ['贴码', 'Codes'],
  aliases: ['二维码别名', 'Aliases'],
  assignments: ['派车', 'Assignments'],
  accounts: ['员工账号', 'Staff accounts'],
  timetable: ['时刻表', 'Timetable'],
  'rider-counts': ['客流', 'Rider counts'],
  positions: ['车辆位置', 'Positions'],
  runs: ['班次', 'Runs'],
};

function pick(words: Readonly<Record<string, Pair>>, language: Language, word: string): string {
  return words[word]?.[language === 'zh' ? 0 : 1] ?? word;
}

export function importReason(language: Language, reason: string): string {
  return pick(reasons, language, reason);
}

/** Notes may carry a number or a name behind a colon. */
export function noteText(language: Language, note: string): string {
  const [word = '', ...rest] = note.split(':');
  const colon = language === 'zh' ? '：' : ': ';
  return [pick(notes, language, word), ...rest.map((one) => one.trim())].join(colon);
}

export function thingText(language: Language, what: string): string {
  return pick(things, language, what);
}
