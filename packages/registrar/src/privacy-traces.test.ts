// After two hundred enrolments: no phone, and nothing computed from one, in any file of the database (its write-ahead
// log included), in the key slots, or in the process's log.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testEngine } from '@tongche/postgres/test-kit';
import { toBase64Url } from '@tongche/protocol';
import { randomPhone, startKit } from './test-kit.ts';

const people = 200;
const kit = await startKit();

/** Everything a careless line of code might write of a number. */
function tracesOf(phone: string): Buffer[] {
  const digits = [phone, `86${phone}`, `+86${phone}`];
  const packed = Buffer.alloc(8);
  packed.writeBigUInt64BE(BigInt(`86${phone}`));
  const little = Buffer.from(packed).reverse();
  const hashes = digits.flatMap((text) =>
    ['sha256', 'sha1', 'md5'].map((name) => createHash(name).update(text).digest()),
  );
  const packedHash = createHash('sha256').update(packed).digest();
  return [
    Buffer.from(phone),
    packed,
    little,
    ...[...hashes, packedHash].flatMap((hash) => [
      hash.subarray(0, 16),
      Buffer.from(hash.toString('hex').slice(0, 32)),
      Buffer.from(hash.toString('base64').slice(0, 20)),
      Buffer.from(hash.toString('base64url').slice(0, 20)),
    ]),
  ];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Empty for what the running server has removed since it was listed: that is stored no more. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return Buffer.alloc(0);
  }
}

/** Answers which traces occur in a text. Three bytes at each place decide whether it is worth a closer look. */
function searcher(traces: readonly Buffer[]): (content: Buffer) => number[] {
  const head = (bytes: Buffer, at: number): number =>
    ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  const heads = new Uint8Array(1 << 24);
  const byHead = new Map<number, number[]>();
  for (const [index, trace] of traces.entries()) {
    heads[head(trace, 0)] = 1;
    byHead.set(head(trace, 0), [...(byHead.get(head(trace, 0)) ?? []), index]);
  }
  return (content) => {
    const hits = new Set<number>();
    for (let at = 0; at + 3 <= content.length; at += 1) {
      const three = head(content, at);
      if (heads[three] === 0) continue;
      for (const index of byHead.get(three) ?? []) {
        const trace = traces[index] ?? Buffer.alloc(0);
        if (content.subarray(at, at + trace.length).equals(trace)) hits.add(index);
      }
    }
    return [...hits];
  };
}

test('two hundred people leave no trace of their numbers', async () => {
  const phones = Array.from({ length: people }, randomPhone);
  const wallets: string[] = [];
  for (const [index, phone] of phones.entries()) {
    const reply = await kit.enrol(phone, `10.${index}.0.1`);
    assert.equal(reply.status, 200, reply.text);
    wallets.push(reply.json['ticket'] as string);
    if (index % 3 === 0) await kit.post('/wallet', { ticket: reply.json['ticket'], deviceKey: reply.deviceKey });
    if (index % 5 === 0) await kit.post('/withdraw', { ticket: reply.json['ticket'], deviceKey: reply.deviceKey });
  }
  const token = await kit.platform.token('driver-1', kit.clock.now() + 3_600_000);
  for (const phone of phones.slice(0, 20)) {
    const body = { kind: 'phone', value: phone, day: Math.floor((kit.clock.now() + 8 * 3_600_000) / 86_400_000) };
    assert.equal((await kit.post('/assist', body, { authorization: `Bearer ${token}` })).status, 200);
  }
  const engine = await testEngine();
  await engine.admin.query('checkpoint');
  const { data_directory: data } = (await engine.admin.one<{ data_directory: string }>('show data_directory')) ?? {
    data_directory: '',
  };
  // The search itself must find what is there: a mark written on purpose.
  const marker = `mark-${toBase64Url(createHash('sha256').update(String(Math.PI)).digest())}`;
  await kit.database.db.query('insert into log_entry (position, entry) values (0, $1)', [marker]);
  await engine.admin.query('checkpoint');

  const found = searcher(phones.flatMap(tracesOf));
  const files = [...filesBelow(data), ...filesBelow(join(kit.folder, 'slots'))];
  assert.ok(files.some((file) => file.includes('pg_wal')));
  let marked = 0;
  for (const file of files) {
    const content = contentOf(file);
    if (content.includes(marker)) marked += 1;
    assert.deepEqual(found(content), [], file);
  }
  assert.ok(marked >= 2, 'the mark is in a table and in the write-ahead log');
  const logged = Buffer.from(kit.logFile.join(''));
  assert.ok(logged.includes('registrar.started'));
  assert.deepEqual(found(logged), []);
  const leak = Buffer.concat([logged, Buffer.from(`x${phones[7]}x`)]);
  assert.equal(found(leak).length, 1, 'the search finds what is there');
  for (const ticket of wallets) assert.ok(!logged.includes(ticket));
});
