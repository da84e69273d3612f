// Ports and addresses of one machine: free ones, taken ones, and the address a phone on the same network can reach.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ConfigError } from '@tongche/runtime';
import { PORT_NAMES, PORT_OFFSETS } from './layout.ts';
import type { PortName, Ports } from './layout.ts';

/** Binds a port for a moment and answers which it was. Rejects with the system's error. */
async function tryPort(host: string, port: number): Promise<{ readonly port: number; release(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return { port: bound, release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Below what systems hand out to outgoing connections, any of which could take a port between choosing it and listening. */
const [lowestPort, highestPort] = [10_240, 32_767];
const draws = 20;

async function drawPort(host: string): ReturnType<typeof tryPort> {
  for (let draw = 0; draw < draws; draw += 1) {
    try {
      return await tryPort(host, randomInt(lowestPort, highestPort + 1));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  return tryPort(host, 0);
}

/**
 * Fills in free ports for those absent or 0. They are held together while choosing, so no two are the same; another
 * program may still take one before we listen, which then is one clear line.
 */
export async function freePorts(host: string, wanted: Partial<Ports> = {}): Promise<Ports> {
  const held = [];
  const chosen: Partial<Record<PortName, number>> = {};
  for (const name of PORT_NAMES) {
    const given = wanted[name] ?? 0;
    if (given !== 0) {
      chosen[name] = given;
      continue;
    }
    const free = await drawPort(host);
    held.push(free);
    chosen[name] = free.port;
  }
  await Promise.all(held.map((one) => one.release()));
  return chosen as Ports;
}

/** The ports from a first one on, as PORT_OFFSETS spaces them. */
export function portsFrom(first: number): Ports {
  return Object.fromEntries(PORT_NAMES.map((name) => [name, first + PORT_OFFSETS[name]])) as Record<PortName, number>;
}

const what: Readonly<Record<PortName, string>> = {
  registrar: 'the passenger page',
  platform: 'the staff page',
  casework: 'the casework console',
  outbox: 'the page of sent messages',
  smpp: 'the message sink',
  gateways: 'the sink of providers over HTTP',
  mail: 'the mail sink',
  wechat: 'the stand-in of WeChat',
};

/** Throws ConfigError with one line for the first port that cannot be had. */
export async function checkPorts(ports: Ports, hostOf: (name: PortName) => string): Promise<void> {
  for (const name of PORT_NAMES) {
    try {
      await (await tryPort(hostOf(name), ports[name])).release();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const reason =
        code === 'EADDRINUSE' ? 'is already taken by another program' : `cannot be opened (${code ?? '?'})`;
      throw new ConfigError(
        `port ${ports[name]} for ${what[name]} ${reason}; stop that program, or choose others with --port ${ports.registrar + 100}`,
      );
    }
  }
}

/** Bridges of containers and virtual machines are no way for a phone. */
const virtual = /^(docker|br-|veth|virbr|vmnet|vboxnet|tun|tap|wg|utun|cni|flannel)/;

/** The IPv4 address of this machine on its local network, or undefined when it has none. */
export function lanAddress(): string | undefined {
  const found = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'))
      .map(({ address }) => ({ name, address })),
  );
  return (found.find(({ name }) => !virtual.test(name)) ?? found[0])?.address;
}
