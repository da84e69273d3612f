// `tongche provision`: writes the files of a production installation for an operator to complete. Nothing is started.
import { resolve } from 'node:path';
import { ConfigError } from '@tongche/runtime';
import { dataFolder, needed, readFlags, wholeNumber } from '../arguments.ts';
import type { Context } from '../arguments.ts';
import { FIRST_PORT, PROCESSES, socketsIn } from '../layout.ts';
import { portsFrom } from '../ports.ts';
import { provision } from '../provision.ts';

const postgresPort = '5432';
const defaultRuntime = '/run/tongche';

function httpsOrigin(name: string, text: string | undefined): string {
  const url = needed('provision', name, text);
  if (!URL.canParse(url) || new URL(url).origin !== url || new URL(url).protocol !== 'https:') {
    throw new ConfigError(`provision: --${name} must be an origin like https://rides.example.org`);
  }
  return url;
}

/** A host name, or several with commas: a primary and its standbys. Every process finds the primary by itself. */
function databaseHosts(text: string | undefined): string {
  const hosts = needed('provision', 'database-host', text);
  if (!hosts.startsWith('/') && !/^[A-Za-z0-9.-]+(,[A-Za-z0-9.-]+)*$/.test(hosts)) {
    throw new ConfigError('provision: --database-host must be a host name, or several as one,two,three');
  }
  return hosts;
}

export async function provisionCommand(context: Context, args: readonly string[]): Promise<void> {
  const flags = readFlags('provision', args, {
    data: 'text',
    'registrar-url': 'text',
    'platform-url': 'text',
    'casework-url': 'text',
    'root-key': 'text',
    'database-host': 'text',
    'database-port': 'text',
    zone: 'text',
    runtime: 'text',
  });
  const { layout, zone } = await provision({
    dataDir: dataFolder(context, needed('provision', 'data', flags.data)),
    mode: 'production',
    addresses: {
      ports: portsFrom(FIRST_PORT),
      sockets: socketsIn(resolve(context.calledFrom, flags.runtime ?? defaultRuntime)),
      bind: '127.0.0.1',
      registrar: httpsOrigin('registrar-url', flags['registrar-url']),
      platform: httpsOrigin('platform-url', flags['platform-url']),
      casework: httpsOrigin('casework-url', flags['casework-url']),
    },
    database: {
      host: databaseHosts(flags['database-host']),
      port: wholeNumber('provision', 'database-port', flags['database-port'] ?? postgresPort, [1, 65_535]),
    },
    city: 'none',
    proxies: true,
    rootPublicKey: needed('provision', 'root-key', flags['root-key']),
    ...(flags.zone === undefined ? {} : { zone: flags.zone }),
  });
  context.print(`Written to ${layout.data} (zone ${zone}); files that were there stay as they were.`);
  context.print(
    `Still yours to do: in ${layout.configs}, authority names, message providers (providers) and city files;`,
  );
  context.print(`in PostgreSQL, roles and databases tongche_* with the passwords of ${layout.secret('roles')};`);
  context.print(`a roster signed in a ceremony at ${layout.roster}; proxies with TLS before the public listeners.`);
  context.print('Then, one by one, where each belongs:');
  for (const name of PROCESSES) {
    context.print(`  tongche ${name} --config ${layout.config(name)} --secrets ${layout.secret(name)}`);
  }
}
