// A stand-in for the platform, for what the real one does not do on demand: refuse, stay silent, lose an answer, hold ten
// thousand vehicles. It serves the built console and answers each path as the test says.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { Overview, StaffSession, VehicleRow } from '@tongche/contract';

const dist = join(import.meta.dirname, '../dist');
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}
export interface Told {
  readonly status?: number;
  readonly body: unknown;
}
/** Undefined: the connection is closed without an answer. */
export type Answer = (ask: Ask) => Told | undefined;

export interface StandIn {
  readonly url: string;
  /** Everything that was asked, newest last. */
  readonly asked: readonly Ask[];
  /** Answers for `METHOD /path`, where a path ending in `*` stands for all that begin so. */
  readonly on: (route: string, answer: Answer) => void;
  close(): Promise<void>;
}

export function refusal(code: string, zh: string, status: number): Told {
  return { status, body: { error: { code, message: { zh, en: `${code} in English` } } } };
}

export const session: StaffSession = {
  account: 'admin',
  name: { zh: '王主管', en: 'Manager Wang' },
  role: 'admin',
  zone: 'Asia/Shanghai',
  registrarUrl: 'http://registrar.test',
  demo: true,
  shift: null,
};

export const nowMs = Date.parse('2026-11-20T18:40:20+08:00');
const line = { id: 'M133', shortName: 'M133', name: { zh: 'M133路', en: 'Line M133' }, colour: '#0b57d0' };

export function vehicle(n: number): VehicleRow {
  return {
    unit: {
      unitId: `bus-${n}`,
      kind: 'bus',
      plate: `粤B${String(10_000 + n)}D`,
      label: { zh: `${n}号车`, en: `Bus ${n}` },
    },
    vehicleId: `bus-${n}`,
    line,
    inService: true,
    signedInMs: null,
    codes: 3,
    deadCodes: 0,
    heads: n,
    flagged: 0,
    lastMs: nowMs,
  };
}

export function overview(vehicles: number): Overview {
  const hours = Array.from({ length: 24 }, (_, hour) => (hour < 19 ? hour * 3 : 0));
  const sums = { inService: vehicles, signedIn: 0, noRegistration: 1, deadCodes: 0, heads: 513, expected: null };
  return {
    date: '2026-11-20',
    today: '2026-11-20',
    zone: 'Asia/Shanghai',
    nowMs,
    computedMs: nowMs,
    totals: {
      ...sums,
      rides: 500,
      assisted: 20,
      late: 3,
      flagged: 0,
      doubts: [],
      vehicles,
      noCode: 0,
      codes: vehicles * 3,
    },
    hours,
    lines: vehicles === 0 ? [] : [{ line, vehicles, ...sums, flagged: 0, hours }],
  };
}

/** A page of many vehicles; the cursor is the number of the last one. */
export function pageOfVehicles(total: number): Answer {
  return ({ query }) => {
    const from = Number(query.get('after') ?? 0);
    const to = Math.min(total, from + Number(query.get('limit') ?? 50));
    const rows = Array.from({ length: to - from }, (_, n) => vehicle(from + n + 1));
    return { body: { rows, next: to < total ? String(to) : null, total } };
  };
}

export async function openStandIn(): Promise<StandIn> {
  const answers = new Map<string, Answer>();
  const asked: Ask[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://stand.in');
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const name = normalize(url.pathname.replace(/^\/operator\//, '')) || 'index.html';
      const file = join(dist, name === '.' ? 'index.html' : name);
      const isFile = url.pathname.startsWith('/operator/') && !url.pathname.startsWith('/operator/api');
      if (isFile && existsSync(file) && statSync(file).isFile()) {
        response.writeHead(200, {
          'content-type': types[extname(file)] ?? 'application/octet-stream',
          'content-security-policy':
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'",
        });
        createReadStream(file).pipe(response);
        return;
      }
      const ask: Ask = {
        method: request.method ?? 'GET',
        path: url.pathname.replace(/^\/operator\/api/, ''),
        query: url.searchParams,
        body,
      };
      asked.push(ask);
      const route = `${ask.method} ${ask.path}`;
      const key = [...answers.keys()].findLast((each) =>
        each.endsWith('*') ? route.startsWith(each.slice(0, -1)) : each === route,
      );
      const told = key === undefined ? refusal('not-found', '没有找到。', 404) : answers.get(key)?.(ask);
      if (told === undefined) {
        request.socket.destroy();
        return;
      }
      response.writeHead(told.status ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(told.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const standIn: StandIn = {
    url: `http://127.0.0.1:${port}`,
    asked,
    on: (route, answer) => {
      answers.delete(route);
      answers.set(route, answer);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  standIn.on('GET /staff/session', () => ({ body: session }));
  standIn.on('GET /overview', () => ({ body: overview(3) }));
  standIn.on('GET /vehicles', pageOfVehicles(3));
  standIn.on('GET /codes', () => ({ body: { rows: [], next: null, total: 0 } }));
  standIn.on('GET /batches', () => ({ body: { rows: [] } }));
  standIn.on('GET /imports', () => ({ body: { rows: [] } }));
  return standIn;
}
