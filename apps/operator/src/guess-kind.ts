// Guesses what a chosen file holds, from its first bytes and its name. Only a suggestion: the person sees and changes it.
import type { ImportKind } from '@tongche/contract';

const zipSign = [0x50, 0x4b, 0x03, 0x04];

/** Words of a header that only this kind of list has, in the order of how sure they are. */
const headers: readonly (readonly [ImportKind, RegExp])[] = [
  ['rider-counts', /riders|客流|人数/],
  ['positions', /latitude|\blat\b|timestamp|纬度/],
  ['aliases', /\bcontent\b|二维码内容|内容/],
  ['codes', /short_code|\bcode\b|贴码|短码/],
  ['vehicle-runs', /trip_id|run_key|班次/],
  ['roster', /account|role|工号|岗位/],
  ['line-stops', /stop_name|stops|站点|站名/],
  ['fleet', /plate|unit_id|vehicle_id|车牌|车号/],
];
const names: readonly (readonly [ImportKind, RegExp])[] = [
  ['gtfs', /gtfs|feed/],
  ['rider-counts', /rider|count|客流|刷卡/],
  ['positions', /position|avl|\.pb$|\.bin$|位置|轨迹/],
  ['aliases', /alias|别名/],
  ['codes', /code|贴码|二维码/],
  ['vehicle-runs', /vehicle[-_]?runs|dispatch|派车|班次/],
  ['roster', /roster|staff|人员|名册/],
  ['line-stops', /stop|line|站点|线路/],
  ['fleet', /fleet|vehicle|bus|车辆/],
];

function headerText(head: Uint8Array): string {
  const line = (label: string): string =>
    (new TextDecoder(label).decode(head).split(/\r?\n/)[0] ?? '').replace(/^\ufeff/, '').toLowerCase();
  if (head[0] === 0xff && head[1] === 0xfe) return line('utf-16le');
  const utf8 = line('utf-8');
  // Bytes that are no UTF-8 are the office's GB18030.
  return utf8.includes('\ufffd') ? line('gb18030') : utf8;
}

/** `head`: the first kilobyte or so. Fleet when nothing tells: it is what most offices begin with. */
export function guessKind(name: string, head: Uint8Array): ImportKind {
  const lower = name.toLowerCase();
  const byName = names.find(([, words]) => words.test(lower))?.[0];
  if (zipSign.every((byte, index) => head[index] === byte)) {
    return lower.endsWith('.xlsx') || lower.endsWith('.xlsm') ? (byName ?? 'fleet') : 'gtfs';
  }
  const text = headerText(head);
  const isBinary = head.subarray(0, 256).some((byte) => byte < 9) && head[0] !== 0xff;
  if (isBinary) return 'positions';
  return headers.find(([, words]) => words.test(text))?.[0] ?? byName ?? 'fleet';
}
