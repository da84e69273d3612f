// What the stores send their statements to: a pool or a transaction alike.
import type { Queryable } from '@tongche/postgres';

export type Sql = Queryable;
