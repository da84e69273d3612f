// Archives as feeds come in: zipped with folders, by other packers, damaged, or made to exhaust the reader.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { readGtfs } from './index.ts';
import type { FeedRead } from './index.ts';
import { MAX_ENTRIES, MAX_RATIO } from './zip-read.ts';
import { zip } from './zip-write.ts';

const FILES: Readonly<Record<string, string>> = {
  'agency.txt': 'agency_id,agency_name,agency_url,agency_timezone\nA,海京公交,https://a.example,Asia/Shanghai\n',
  'stops.txt': 'stop_id,stop_name,stop_lat,stop_lon\n1,一,22.5,115.5\n2,二,22.6,115.5\n',
  'routes.txt': 'route_id,route_short_name,route_long_name,route_type\nR,7路,,3\n',
  'calendar_dates.txt': 'service_id,date,exception_type\nS,20261120,1\n',
  'trips.txt': 'route_id,service_id,trip_id\nR,S,t\n',
  'stop_times.txt':
    'trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,8:00:00,8:00:00,1,1\nt,8:10:00,8:10:00,2,2\n',
};

type Part = {
  readonly name: string;
  readonly text: string;
  readonly method?: number;
  readonly flags?: number;
  readonly claimedBytes?: number;
};

function parts(change: (name: string, text: string) => Part = (name, text) => ({ name, text })): Part[] {
  return Object.entries(FILES).map(([name, text]) => change(name, text));
}

const UTF8 = 0x0800;
const DESCRIPTOR = 0x0008;

/**
 * An archive as other packers write it (PKWARE APPNOTE 6.3.10): sizes behind the data (4.3.9) where the flags ask for it,
 * 64-bit sizes in extra fields (4.5.3) and a 64-bit end record (4.3.14, 4.3.15) when `wide`.
 */
function odd(list: readonly Part[], wide = false): Uint8Array {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text, method = 8, flags = UTF8, claimedBytes } of list) {
    const data = Buffer.from(text);
    const packed = method === 0 ? data : deflateRawSync(data);
    const nameBytes = Buffer.from(name);
    const later = (flags & DESCRIPTOR) !== 0;
    const bytes = claimedBytes ?? data.length;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(wide ? 45 : 20, 4);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    if (!later) {
      local.writeUInt32LE(crc32(data), 14);
      local.writeUInt32LE(packed.length, 18);
      local.writeUInt32LE(bytes, 22);
    }
    local.writeUInt16LE(nameBytes.length, 26);
    const descriptor = Buffer.alloc(later ? 16 : 0);
    if (later) {
      descriptor.writeUInt32LE(0x08074b50, 0);
      descriptor.writeUInt32LE(crc32(data), 4);
      descriptor.writeUInt32LE(packed.length, 8);
      descriptor.writeUInt32LE(bytes, 12);
    }
    const extra = Buffer.alloc(wide ? 28 : 0);
    if (wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(bytes), 4);
      extra.writeBigUInt64LE(BigInt(packed.length), 12);
      extra.writeBigUInt64LE(BigInt(offset), 20);
    }
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(wide ? 45 : 20, 6);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc32(data), 16);
    central.writeUInt32LE(wide ? 0xffffffff : packed.length, 20);
    central.writeUInt32LE(wide ? 0xffffffff : bytes, 24);
    central.writeUInt16LE(nameBytes.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(wide ? 0xffffffff : offset, 42);
    files.push(local, nameBytes, packed, descriptor);
    directory.push(central, nameBytes, extra);
    offset += 30 + nameBytes.length + packed.length + descriptor.length;
  }
  return new Uint8Array(
    Buffer.concat([...files, ...directory, ...endOf(Buffer.concat(directory).length, offset, list, wide)]),
  );
}

function endOf(directoryBytes: number, offset: number, list: readonly Part[], wide: boolean): Buffer[] {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? 0xffff : list.length, 8);
  end.writeUInt16LE(wide ? 0xffff : list.length, 10);
  end.writeUInt32LE(wide ? 0xffffffff : directoryBytes, 12);
  end.writeUInt32LE(wide ? 0xffffffff : offset, 16);
  if (!wide) return [end];
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(list.length), 24);
  record.writeBigUInt64LE(BigInt(list.length), 32);
  record.writeBigUInt64LE(BigInt(directoryBytes), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + directoryBytes), 8);
  locator.writeUInt32LE(1, 16);
  return [record, locator, end];
}

async function good(source: Uint8Array): Promise<FeedRead> {
  const read = await readGtfs(source);
  assert.ok(read.ok, read.ok ? '' : (read.detail ?? ''));
  assert.deepEqual(read.value.errors, []);
  return read.value;
}

async function refusal(source: Uint8Array): Promise<string> {
  const read = await readGtfs(source);
  return read.ok ? 'read' : (read.detail ?? '');
}

describe('an archive of a feed', () => {
  const plain = odd(parts());

  it('may have 64-bit sizes, sizes behind the data, stored files', async () => {
    const { feed } = await good(plain);
    assert.equal(feed.agencies[0]?.name, '海京公交');
    assert.equal(feed.stopTimes.get('t')?.length, 2);
    assert.deepEqual((await good(odd(parts(), true))).feed, feed);
    const later = parts((name, text) => ({ name, text, flags: UTF8 | DESCRIPTOR }));
    assert.deepEqual((await good(odd(later))).feed, feed);
    assert.deepEqual((await good(odd(parts((name, text) => ({ name, text, method: 0 }))))).feed, feed);
  });

  it('may hold its files in a folder, whatever it is called, beside other things', async () => {
    const { feed } = await good(plain);
    const nested = [
      { name: 'readme.txt', text: 'x' },
      { name: '公交数据/', text: '', method: 0 },
      ...parts((name, text) => ({ name: `公交数据/${name}`, text })),
      ...parts((name) => ({ name: `__MACOSX/公交数据/._${name}`, text: '\0\0' })),
      { name: '公交数据/.DS_Store', text: '\0' },
      { name: 'old/stops.txt', text: 'stop_id\nwrong\n' },
    ];
    const read = await good(odd(nested));
    assert.deepEqual(read.feed, feed);
    assert.deepEqual(read.notes, []);
  });

  it('is refused with the reason when it is packed in a way nobody reads', async () => {
    const deflate64 = parts((name, text) => ({ name, text, method: name === 'trips.txt' ? 9 : 8 }));
    assert.match(await refusal(odd(deflate64)), /trips\.txt is packed with deflate64/);
    const encrypted = parts((name, text) => ({ name, text, flags: UTF8 | 1 }));
    assert.match(await refusal(odd(encrypted)), /agency\.txt is encrypted/);
  });

  it('is refused when it holds no feed, or another archive', async () => {
    assert.match(await refusal(zip([{ name: 'a.txt', data: Buffer.from('x') }])), /no GTFS table/);
    assert.match(await refusal(zip([{ name: 'feed.zip', data: plain }])), /unpack it first/);
    assert.match(await refusal(zip([])), /no GTFS table/);
  });

  it('is refused when it would unpack to a flood', async () => {
    const flood = 'stop_id\n'.padEnd(20 * 1024 ** 2, '\n');
    const bomb = parts((name, text) => ({ name, text: name === 'stops.txt' ? flood : text }));
    assert.match(await refusal(odd(bomb)), new RegExp(`stops\\.txt unpacks to more than ${MAX_RATIO} times`));
    const huge = parts((name, text) => ({ name, text, claimedBytes: 3 * 1024 ** 3 }));
    assert.match(await refusal(odd(huge)), /unpacks to more than/);
    const many = Array.from({ length: MAX_ENTRIES + 1 }, (_, index) => ({ name: `${index}`, data: new Uint8Array() }));
    assert.match(await refusal(zip(many)), /more than 1000 entries/);
  });

  it('is refused when a file is larger or smaller than the archive says', async () => {
    const small = parts((name, text) => ({ name, text, claimedBytes: text.length - 3 }));
    assert.notEqual(await refusal(odd(small)), 'read');
    const large = parts((name, text) => ({ name, text, claimedBytes: Buffer.byteLength(text) + 3 }));
    assert.notEqual(await refusal(odd(large)), 'read');
  });

  it('never throws, whatever byte is wrong', async () => {
    for (let at = 0; at < plain.length; at += 1) {
      const bytes = Uint8Array.from(plain);
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
      const read = await readGtfs(bytes);
      assert.ok(read.ok || read.code === 'bad-archive');
    }
  });
});
