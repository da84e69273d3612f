// 密切接触者登记表: the register of close contacts as Chinese districts keep it. Source: the columns in use in published
// registers; the national form's field tables are not public, so this claims no conformity. Opened by people in office
// programs: numbers of documents and phones are texts, digit by digit.
import { dayText } from '@tongche/protocol';
import { csvFile, fileName, readCell, readNumber } from './files.ts';
import type { Column } from './files.ts';
import { localDay, localMoment, yearsBetween } from './moments.ts';
import type { ContactStatus, ExportContact, ExportExposure, ExportInput, Means, TextFile, Tier } from './model.ts';
import { dialled, vitalsOf } from './person.ts';

/** 接触方式 8: 共用交通工具, shared conveyance. */
const SHARED_CONVEYANCE = '8';

const TIERS: Readonly<Record<Tier, string>> = {
  close: '密切接触者',
  verify: '待核实',
  general: '一般接触者',
  secondary: '次密切接触者',
  staff: '司乘人员',
};
const MEANS: Readonly<Record<Means, string>> = {
  bus: '公交车同乘',
  carriage: '轨道交通同车厢',
  taxi: '出租车同乘',
  coach: '客车同乘',
  ferry: '轮渡同乘',
  station: '车站同处',
};
const OUTCOMES: Readonly<Record<ContactStatus, string>> = {
  listed: '',
  messaged: '已发通知',
  delivered: '通知已送达',
  acknowledged: '本人已知晓',
  reached: '已联系上',
  'not-reached': '未联系上',
  'handed-over': '已移交',
  observed: '医学观察中',
  released: '已解除医学观察',
  converted: '转为病例',
  withdrawn: '已排除',
};
const DOCUMENTS = { 'cn-id': '居民身份证', passport: '护照', slip: '登记单', card: '乘车卡' } as const;
const SEXES = { male: '男', female: '女' } as const;

function rideText({ line, plate, unit, fromStop, toStop }: ExportExposure): string {
  const stops = fromStop === null && toStop === null ? '' : `（${fromStop?.zh ?? '？'}至${toStop?.zh ?? '？'}）`;
  return `${[line?.zh ?? '', plate ?? unit.zh].filter(Boolean).join(' ')}${stops}`;
}

/** What several exposures say, each once. */
function each(contact: ExportContact, text: (exposure: ExportExposure) => string): string {
  return [...new Set(contact.exposures.map(text).filter(Boolean))].join('；');
}

function personColumns({ zone }: ExportInput): readonly Column<ExportContact>[] {
  return [
    { head: '姓名', cell: ({ person }) => readCell(person.name) },
    {
      head: '性别',
      cell: ({ person }) => {
        const { sex } = vitalsOf(person);
        return sex === null ? '' : SEXES[sex];
      },
    },
    {
      head: '年龄',
      cell: ({ person, lastMs }) => {
        const { birthDate } = vitalsOf(person);
        return birthDate === null ? '' : String(yearsBetween(birthDate, localDay(lastMs, zone)));
      },
    },
    {
      head: '身份证号',
      cell: ({ person: { document } }) => (document?.kind === 'cn-id' ? readNumber(document.number) : ''),
    },
    { head: '电话', cell: ({ person }) => readNumber(dialled(person.phone)) },
    { head: '现住址', cell: ({ person }) => readCell(person.address) },
  ];
}

function contactColumns({ zone }: ExportInput): readonly Column<ExportContact>[] {
  return [
    { head: '与病人关系', cell: ({ tier }) => (tier === 'secondary' ? '密切接触者的同乘人员' : '同乘人员') },
    { head: '接触方式', cell: () => SHARED_CONVEYANCE },
    { head: '首次接触时间', cell: ({ firstMs }) => localMoment(firstMs, zone) },
    { head: '末次接触时间', cell: ({ lastMs }) => localMoment(lastMs, zone) },
    { head: '暴露类型', cell: (contact) => each(contact, ({ means }) => (means === null ? '' : MEANS[means])) },
    { head: '医学观察结果', cell: ({ status }) => OUTCOMES[status] },
  ];
}

function furtherColumns({ caseNo }: ExportInput): readonly Column<ExportContact>[] {
  return [
    { head: '病例编号', cell: () => readNumber(caseNo) },
    { head: '登记编号', cell: ({ id }) => readNumber(id) },
    {
      head: '其他证件',
      cell: ({ person: { document } }) =>
        document === null || document.kind === 'cn-id'
          ? ''
          : readCell(`${DOCUMENTS[document.kind]} ${document.number}`),
    },
    { head: '判定', cell: ({ tier }) => TIERS[tier] },
    { head: '把握', cell: ({ probability }) => probability.toFixed(2) },
    { head: '预计同乘分钟', cell: ({ minutes }) => minutes.toFixed(1) },
    { head: '当量分钟', cell: ({ eem }) => (eem === null ? '' : eem.toFixed(1)) },
    { head: '档次', cell: ({ band }) => band ?? '' },
    { head: '车次', cell: (contact) => readCell(each(contact, rideText)) },
    { head: '班次编号', cell: (contact) => readCell(each(contact, ({ runKey }) => runKey ?? '')) },
    {
      head: '医学观察截止日期',
      cell: ({ followUpUntilDay }) => (followUpUntilDay === null ? '' : dayText(followUpUntilDay)),
    },
    { head: '号码已核验', cell: ({ verified }) => (verified ? '是' : '否') },
    { head: '备注', cell: ({ remark }) => readCell(remark) },
  ];
}

/** One file, one contact a row. With a byte order mark in UTF-8; GB 18030, which needs none, for older office programs. */
export function registerFiles(input: ExportInput, encoding: 'utf-8' | 'gb18030'): readonly TextFile[] {
  const columns: readonly Column<ExportContact & { readonly no: number }>[] = [
    { head: '序号', cell: ({ no }) => String(no) },
    ...personColumns(input),
    ...contactColumns(input),
    ...furtherColumns(input),
  ];
  const rows = input.contacts.map((contact, at) => ({ ...contact, no: at + 1 }));
  const what = encoding === 'utf-8' ? 'register' : 'register-gb18030';
  const parts = { part: 'register' as const, name: fileName(input, what, 'csv'), encoding };
  return [csvFile(parts, columns, rows, { lineEnd: '\r\n', bom: encoding === 'utf-8' })];
}
