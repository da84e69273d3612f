// The code in the terminal is one a phone can read, and the last line says where everything is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeQR } from 'qr';
import { layoutOf } from './layout.ts';
import { qrLines, readyLine, welcomeLines } from './terminal.ts';
import type { Welcome } from './terminal.ts';

const colours = '\u001B[38;2;0;0;0;48;2;255;255;255m';
const reset = '\u001B[0m';
const url = 'http://192.0.2.7:8600/r/XKfUJIkqTos';

test('on a terminal every square is black or white, whatever the colours of the terminal', () => {
  const lines = qrLines(url, true);
  const squares = lines.flatMap((line) => {
    assert.ok(line.startsWith(colours) && line.endsWith(reset), JSON.stringify(line));
    // Block elements are one code unit each.
    const cells = line.slice(colours.length, -reset.length).split('');
    return [cells.map((cell) => cell === '▀' || cell === '█'), cells.map((cell) => cell === '▄' || cell === '█')];
  });
  const expected = encodeQR(url, 'raw', { ecc: 'low', border: 2 });
  assert.deepEqual(squares.slice(0, expected.length), expected);
});

const welcome: Welcome = {
  layout: layoutOf('/data'),
  urls: {
    registrar: 'http://192.0.2.7:8600',
    platform: 'http://192.0.2.7:8610',
    casework: 'http://casework.localhost:8620',
    outbox: 'http://localhost:8630/dev/outbox',
  },
  bus: {
    code: 'XKfUJIkqTos',
    shortCode: 'MJPBADR',
    label: { zh: '1路 01号车', en: 'Line 1, bus 1' },
    plate: '粤X70382D',
  },
  isOnNetwork: true,
  logKey: 'tongche-log-1+00000000+AA==',
  isTerminal: false,
};

test('addresses and sign-ins are there, each once as it must be typed', () => {
  const text = welcomeLines(welcome).join('\n');
  for (const wanted of [
    url,
    'driver / demo-driver',
    'http://192.0.2.7:8610/operator/   admin / demo-admin',
    'approver / demo-approver',
    'MJPBADR',
    'http://localhost:8610/staff/',
  ]) {
    assert.ok(text.includes(wanted), wanted);
  }
});

test('the last line begins with ready and names the addresses', () => {
  const { casework, outbox } = welcome.urls;
  const expected = `ready  passenger ${url}  staff http://192.0.2.7:8610/staff/  casework ${casework}  messages ${outbox}`;
  assert.equal(readyLine(welcome), expected);
});
