// Envelopes opened per CPU-second, as the vault does for an order: unpack the column, open with the day's key, check the tag
// against the person inside. Run: npm run bench -- opening
import { bundleInfo, decodeRecord, equalBytes, makeRide, openRecord, packSealed, unwrap } from '@tongche/protocol';
import type { Bytes, RideRecord, UnsignedBundle } from '@tongche/protocol';
import {
  contactTagSync,
  hmacKey,
  issueWalletSync,
  makeOpeningSuite,
  nodeSuite,
  unpackSealedSync,
} from '@tongche/protocol/node';

const records = 4_000;
const warmUp = 500;
const day = 20_777;
const phone = 8613000000000n;
const dayMs = 86_400_000;

const envelope = await nodeSuite.generateKeyPair();
const relay = await nodeSuite.generateKeyPair();
const kTag = hmacKey(nodeSuite.randomBytes(32));
const kAdm = hmacKey(nodeSuite.randomBytes(32));
const bundle: UnsignedBundle = {
  authority: { iss: 1, name: { zh: '', en: '' }, zone: 'UTC' },
  day,
  keyId: 'bench',
  suite: 1,
  pkEnv: Buffer.from(envelope.pk).toString('base64url'),
  notBeforeMs: day * dayMs,
  notAfterMs: (day + 1) * dayMs,
  platformUrl: 'https://platform.example',
  relayPk: Buffer.from(relay.pk).toString('base64url'),
};
const walletDay = issueWalletSync([{ day, kTag, kAdm }], { iss: 1, phone, walletNo: 0 }).days[0];
if (walletDay === undefined) throw new Error('no wallet');

const made: { readonly record: RideRecord; readonly sealed: Bytes }[] = [];
for (let index = 0; index < records; index += 1) {
  const ride = await makeRide(nodeSuite, {
    bundle,
    walletDay,
    slotIndex: index % walletDay.slots.length,
    code: nodeSuite.randomBytes(8),
    boardedMs: bundle.notBeforeMs + index * 1_000,
    queued: false,
    party: 0,
    contact: {
      flags: { companion: false, assisted: false },
      kind: 'phone',
      subject: phone,
      reach: 0n,
      name: '',
      openid: '',
    },
  });
  const record = unwrap(decodeRecord(ride.record));
  made.push({ record, sealed: packSealed(record.enc, record.ct) });
}

const info = bundleInfo(bundle);
const opener = makeOpeningSuite(envelope.sk);

async function openAll(count: number): Promise<void> {
  for (const { record, sealed } of made.slice(0, count)) {
    const columns = unwrap(unpackSealedSync(sealed));
    const { contact } = unwrap(await openRecord(opener, { sk: envelope.sk, info, record: { ...record, ...columns } }));
    if (!equalBytes(contactTagSync(kTag, { iss: 1, contact }), record.tag)) throw new Error('a tag does not fit');
  }
}

await openAll(warmUp);
const before = process.cpuUsage();
await openAll(records);
const { user, system } = process.cpuUsage(before);
const perCpuSecond = Math.round(records / ((user + system) / 1e6));
process.stdout.write(`${JSON.stringify({ bench: 'opening', perCpuSecond, records, node: process.version })}\n`);
