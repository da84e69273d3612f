-- What is kept of the authority's approved orders: enough to hold them to their limits and to show that they were made.

create table roster (
  iss     int not null,
  version int not null,
  body    text not null,
  primary key (iss)
);
comment on table roster is 'Keys of the authority''s staff, signed by its offline root. One row; replaced by higher versions only.';
comment on column roster.iss is 'Authority.';
comment on column roster.version is 'Never goes back.';
comment on column roster.body is 'PERSONAL: the signed JSON: key ids, public keys, roles and staff numbers of the authority''s people.';

create table known_checkpoint (
  one  boolean not null default true check (one),
  size bigint not null,
  root bytea not null,
  primary key (one)
);
comment on table known_checkpoint is 'The last state of the public log verified here. One row; only grows.';
comment on column known_checkpoint.one is 'Always true.';
comment on column known_checkpoint.size is 'Entries.';
comment on column known_checkpoint.root is 'Merkle root.';

create table seen_nonce (
  nonce  bytea not null,
  at_ms  bigint not null,
  primary key (nonce)
);
comment on table seen_nonce is 'Nonces of requests of the last day; older ones are stale by their time. Deleted at the daily roll.';
comment on column seen_nonce.nonce is '16 random bytes.';
comment on column seen_nonce.at_ms is 'When it was used.';

create table trace_order (
  order_hash    bytea not null,
  purpose       text not null,
  from_day      int not null,
  to_day        int not null,
  max_rides     int not null,
  max_records   int not null,
  max_extra     int not null,
  max_tags      int not null,
  expires_ms    bigint not null,
  watch_until_ms bigint not null,
  first_ms      bigint not null,
  primary key (order_hash)
);
comment on table trace_order is 'Orders that passed every check, with their limits. No case data. Deleted 30 days after watch_until_ms.';
comment on column trace_order.order_hash is 'SHA-256 that two people signed; stands in the public log.';
comment on column trace_order.purpose is 'trace, itinerary or exercise.';
comment on column trace_order.from_day is 'First local day.';
comment on column trace_order.to_day is 'Last local day.';
comment on column trace_order.max_rides is 'Matched rides at most.';
comment on column trace_order.max_records is 'Fetched records at most, together.';
comment on column trace_order.max_extra is 'Windows away from matched rides at most.';
comment on column trace_order.max_tags is '320 a day and subject.';
comment on column trace_order.expires_ms is 'No first match after this.';
comment on column trace_order.watch_until_ms is 'No answer after this and expires_ms.';
comment on column trace_order.first_ms is 'When it was first accepted.';

create table trace_tag (
  order_hash bytea not null references trace_order on delete cascade,
  digest     bytea not null,
  primary key (order_hash, digest)
);
comment on table trace_tag is 'Which tags an order has asked for, to count each once. Deleted with the order.';
comment on column trace_tag.order_hash is 'Order.';
comment on column trace_tag.digest is 'PERSONAL: SHA-256(order_hash, day, tag), 16 bytes.';

create table trace_match (
  order_hash bytea not null references trace_order on delete cascade,
  code_id    int not null,
  ride_id    uuid not null,
  vehicle_id text,
  boarded_ms bigint not null,
  primary key (order_hash, code_id, ride_id)
);
comment on table trace_match is 'Rides an order has matched: windows must lie near one. Deleted with the order, and when the ride''s day is dropped.';
comment on column trace_match.order_hash is 'Order.';
comment on column trace_match.code_id is 'PERSONAL: the ride''s code.';
comment on column trace_match.ride_id is 'PERSONAL: the ride.';
comment on column trace_match.vehicle_id is 'PERSONAL: the vehicle it was on.';
comment on column trace_match.boarded_ms is 'PERSONAL: its boarding minute.';

create table trace_window (
  order_hash bytea not null references trace_order on delete cascade,
  unit_id    text not null,
  from_ms    bigint not null,
  to_ms      bigint not null,
  extra      boolean not null,
  records    int not null,
  primary key (order_hash, unit_id, from_ms, to_ms)
);
comment on table trace_window is 'Windows an order has fetched. A window fetched again counts once, with its latest number of records. Deleted with the order.';
comment on column trace_window.order_hash is 'Order.';
comment on column trace_window.unit_id is 'PERSONAL: where a case was.';
comment on column trace_window.from_ms is 'PERSONAL: from when.';
comment on column trace_window.to_ms is 'PERSONAL: until when.';
comment on column trace_window.extra is 'Not near a matched ride: counted against max_extra.';
comment on column trace_window.records is 'Rides answered.';

create table access_log (
  access_id  bigint generated always as identity,
  at_ms      bigint not null,
  kind       text not null,
  order_hash bytea,
  outcome    text not null,
  rides      int not null,
  windows    int not null,
  primary key (access_id)
);
create index access_log_time on access_log (at_ms);
comment on table access_log is 'Every request for rides, granted or refused. The operator''s own evidence beside the authority''s log; kept 400 days.';
comment on column access_log.access_id is 'Order of events.';
comment on column access_log.at_ms is 'When.';
comment on column access_log.kind is 'match or fetch.';
comment on column access_log.order_hash is 'The order, NULL where the request could not be read.';
comment on column access_log.outcome is 'granted, or the code of the refusal.';
comment on column access_log.rides is 'Rides handed over.';
comment on column access_log.windows is 'Windows asked for.';

create table daily_count (
  day     int not null,
  kind    text not null,
  n       bigint not null,
  primary key (day, kind)
);
comment on table daily_count is 'Published numbers a day: how often rides were handed over. Kept for good; no person in it.';
comment on column daily_count.day is 'Local day.';
comment on column daily_count.kind is 'match, fetch, refused, records or orders.';
comment on column daily_count.n is 'Number.';
