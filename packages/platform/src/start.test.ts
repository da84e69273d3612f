// Starting: what refuses in one clear line, what an import changes, and that every column says what it holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBase64Url } from '@tongche/protocol';
import { ConfigError } from '@tongche/runtime';
import { codeBytes, openBench, smallCity, startMs } from './test-kit.ts';
import type { Config } from './config.ts';

async function refusal(adjust: (config: Config) => Config): Promise<string> {
  try {
    await openBench({ adjust });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  return 'started';
}

test('an absent staff page, insecure addresses in production and open internal ports are refused in one line', async () => {
  assert.match(await refusal((config) => ({ ...config, pages: '/nonexistent/pages' })), /\/nonexistent\/pages/);
  assert.match(await refusal((config) => ({ ...config, mode: 'production' })), /insecure http:/);
  const https = { publicUrl: 'https://p.example', registrarUrl: 'https://r.example', mode: 'production' } as const;
  assert.match(await refusal((config) => ({ ...config, ...https, internal: { host: '127.0.0.1', port: 0 } })), /TLS/);
  assert.match(await refusal((config) => ({ ...config, publicUrl: 'http://127.0.0.1:8610/path' })), /not an origin/);
});

test('production refuses demonstration accounts', async () => {
  const bench = await openBench();
  await bench.platform.putStaff({
    account: 'd',
    name: { zh: '演', en: 'D' },
    role: 'driver',
    password: 'x',
    demo: true,
  });
  const https = { publicUrl: 'https://p.example', registrarUrl: 'https://r.example', mode: 'production' } as const;
  await assert.rejects(
    bench.restartAs((config) => ({ ...config, ...https })),
    /demonstration accounts/,
  );
});

test('an import moves codes, keeps old bindings and replaces tomorrow’s runs', async () => {
  const bench = await openBench();
  const city = smallCity();
  const moved = city.codes.map((code) =>
    code.code8 === toBase64Url(codeBytes(7)) ? { ...code, unitId: 'bus-2' } : code,
  );
  const before = await bench.post((await bench.authority.ride({ code: 7 })).record);
  assert.equal((before.body['unit'] as { kind: string }).kind, 'taxi');
  await bench.clock.advance(120_000);
  await bench.platform.importCity({ ...city, codes: moved, runs: (day) => city.runs(day).slice(0, 3) });
  const after = await bench.post((await bench.authority.ride({ code: 7 })).record);
  assert.equal((after.body['unit'] as { kind: string }).kind, 'bus');
  const late = await bench.post((await bench.authority.ride({ code: 7, boardedMs: startMs, queued: true })).record);
  assert.equal((late.body['unit'] as { kind: string }).kind, 'taxi');
  const days = await bench.db.query<{ day: number; n: number }>(
    'select day, count(*)::int as n from run group by day order by day',
  );
  assert.deepEqual(
    days.map(({ n }) => n),
    [48, 48, 3, 3],
  );
});

test('every table and column has a comment', async () => {
  const bench = await openBench();
  const silent = await bench.db.query<{ name: string }>(
    `select c.relname || coalesce('.' || a.attname, '') as name
       from pg_class c
       left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and (col_description(c.oid, a.attnum) is null or obj_description(c.oid, 'pg_class') is null)`,
  );
  assert.deepEqual(silent, []);
});

test('the staff page and health are served', async () => {
  const bench = await openBench();
  const page = await fetch(`${bench.platform.url}/staff/`);
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.match(await page.text(), /staff/);
  assert.equal((await bench.call('/healthz')).status, 200);
});
