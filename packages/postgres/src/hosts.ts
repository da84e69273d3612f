// Connection strings with several hosts, as libpq has them: `postgres://u:p@one:5432,two:5432/db` or `?host=/a,/b`.
// pg knows one host a connection, so each becomes a connection string of its own.
import { ConfigError } from '@tongche/runtime';

/** One server of a connection string. */
export interface Host {
  /** Connection string for this host alone. */
  readonly url: string;
  /** Host and port, for logs: neither role nor password. */
  readonly label: string;
}

export interface HostList {
  readonly hosts: readonly Host[];
  /** Whether a connection counts only when its server takes writes. */
  readonly primaryOnly: boolean;
}

/** A primary and its standbys; more is a mistake in the configuration. */
const maxHosts = 8;
const defaultPort = '5432';
const urlPattern = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?$/;
/** Values of target_session_attrs, and whether they ask for a server that takes writes. */
const sessionAttrs = new Map([
  ['any', false],
  ['read-write', true],
  ['primary', true],
]);

interface Parts {
  readonly access: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

function hostUrl({ access, path, query }: Parts, host: string, port: string): Host {
  const rest = new URLSearchParams(query);
  const isFolder = host.startsWith('/');
  if (isFolder) {
    rest.set('host', host);
    rest.set('port', port);
  }
  const search = rest.size === 0 ? '' : `?${rest}`;
  const url = isFolder ? `${access}${path}${search}` : `${access}${host}:${port}${path}${search}`;
  return { url, label: `${host}:${port}` };
}

/** `one:5432`, `one`, `[::1]:5432`: name and port, '' where there is none. */
function split(host: string): readonly [string, string] {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^:]*)(?::(\d{1,5}))?$/.exec(host);
  if (match === null) throw new ConfigError('the database’s connection string names a host that cannot be read');
  return [decodeURIComponent(match[1] ?? ''), match[2] ?? ''];
}

/** Several ports stand beside several hosts, one stands for all of them. */
function portAt(ports: readonly string[], index: number, count: number): string {
  if (ports.length > 1 && ports.length !== count) {
    throw new ConfigError(`the database’s connection string names ${count} hosts and ${ports.length} ports`);
  }
  const port = ports[ports.length > 1 ? index : 0] ?? '';
  return port === '' ? defaultPort : port;
}

/**
 * The hosts of a connection string. With several, or with target_session_attrs read-write, only the primary counts.
 * Errors never show the string: it holds a password.
 */
export function hostsOf(url: string): HostList {
  const match = urlPattern.exec(url);
  // Other forms (a socket's path, socket:) name one host; pg reads them.
  if (match === null) return { hosts: [{ url, label: 'database' }], primaryOnly: false };
  const [, access = '', authority = '', path = '', search = ''] = match;
  const query = new URLSearchParams(search);
  const attrs = query.get('target_session_attrs') ?? 'any';
  const wantsPrimary = sessionAttrs.get(attrs);
  if (wantsPrimary === undefined) {
    throw new ConfigError(`target_session_attrs=${attrs}: only read-write, primary and any make sense here`);
  }
  const given = query.get('host');
  const listed = given === null ? authority.split(',').map(split) : given.split(',').map((host) => [host, ''] as const);
  if (listed.length > maxHosts) {
    throw new ConfigError(`the database’s connection string names more than ${maxHosts} hosts`);
  }
  if (listed.length === 1 && !wantsPrimary)
    return { hosts: [{ url, label: labelOf(listed[0], query) }], primaryOnly: false };
  const ports = query.get('port')?.split(',') ?? [''];
  for (const name of ['host', 'port', 'target_session_attrs']) query.delete(name);
  const hosts = listed.map(([host, port], index) =>
    hostUrl({ access, path, query }, host, port === '' ? portAt(ports, index, listed.length) : port),
  );
  return { hosts, primaryOnly: true };
}

function labelOf(listed: readonly [string, string] | undefined, query: URLSearchParams): string {
  const [host = '', port = ''] = listed ?? [];
  return `${host === '' ? 'localhost' : host}:${port === '' ? (query.get('port') ?? defaultPort) : port}`;
}
