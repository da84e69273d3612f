// Wallets issued per CPU-second: nine days of 32 slots, two HMACs each. Run: npm run bench -- wallets
import { createSecretKey, randomBytes } from 'node:crypto';
import { packWallet } from '@tongche/registrar';

const days = 9;
const warmUp = 200;
const wallets = 2_000;

const keys = Array.from({ length: days }, (_, index) => ({
  day: 20_777 + index,
  kTag: createSecretKey(randomBytes(32)),
  kAdm: createSecretKey(randomBytes(32)),
}));

function issue(n: number): number {
  let characters = 0;
  for (let i = 0; i < n; i += 1) {
    const wallet = packWallet(keys, { iss: 1, phone: 8613000000000n + BigInt(i), walletNo: i % 8 });
    characters += JSON.stringify(wallet).length;
  }
  return characters;
}

issue(warmUp);
const before = process.cpuUsage();
issue(wallets);
const { user, system } = process.cpuUsage(before);
const perCpuSecond = Math.round(wallets / ((user + system) / 1e6));
process.stdout.write(`${JSON.stringify({ bench: 'wallets', perCpuSecond, days, wallets, node: process.version })}\n`);
