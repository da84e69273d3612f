// Connection strings with one host and with several, in both forms libpq has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '@tongche/runtime';
import { hostsOf } from './hosts.ts';

const urls = (url: string): readonly string[] => hostsOf(url).hosts.map((host) => host.url);

test('a single host is left to the driver, letter by letter', () => {
  for (const url of [
    'postgres://u:p@db/x',
    'postgresql://u:p%40@[::1]:6432/x?sslmode=require',
    'postgresql://u:p@/x?host=%2Frun%2Fpg&port=5433',
    '/run/pg x',
  ]) {
    assert.deepEqual([urls(url), hostsOf(url).primaryOnly], [[url], false], url);
  }
});

test('hosts before the database name become one string each, with their own port or 5432', () => {
  const { hosts, primaryOnly } = hostsOf('postgres://u:a%40b@one:5433,two,[::1]:7/x?sslmode=require');
  assert.equal(primaryOnly, true);
  assert.deepEqual(hosts, [
    { url: 'postgres://u:a%40b@one:5433/x?sslmode=require', label: 'one:5433' },
    { url: 'postgres://u:a%40b@two:5432/x?sslmode=require', label: 'two:5432' },
    { url: 'postgres://u:a%40b@[::1]:7/x?sslmode=require', label: '[::1]:7' },
  ]);
});

test('sockets come as host parameters; one port stands for all, or each has its own', () => {
  assert.deepEqual(urls('postgresql://u:p@/x?host=/a,/b&port=5433'), [
    'postgresql://u:p@/x?host=%2Fa&port=5433',
    'postgresql://u:p@/x?host=%2Fb&port=5433',
  ]);
  assert.deepEqual(urls('postgresql://u:p@/x?host=one,/b&port=1,2'), [
    'postgresql://u:p@one:1/x',
    'postgresql://u:p@/x?host=%2Fb&port=2',
  ]);
});

test('one host that must take writes is checked too', () => {
  const { hosts, primaryOnly } = hostsOf('postgres://u:p@db/x?target_session_attrs=read-write');
  assert.deepEqual([hosts.map(({ url }) => url), primaryOnly], [['postgres://u:p@db:5432/x'], true]);
  assert.equal(hostsOf('postgres://u:p@db/x?target_session_attrs=any').primaryOnly, false);
});

test('what makes no sense is refused in one line that shows no password', () => {
  for (const url of [
    'postgres://u:secret@a,b/x?target_session_attrs=standby',
    'postgres://u:secret@a,b:5432:1/x',
    'postgres://u:secret@/x?host=a,b&port=1,2,3',
    `postgres://u:secret@${Array.from({ length: 9 }, (_, n) => `h${n}`).join(',')}/x`,
  ]) {
    assert.throws(
      () => hostsOf(url),
      (error) => error instanceof ConfigError && !/secret|\n/.test(error.message),
      url,
    );
  }
});
