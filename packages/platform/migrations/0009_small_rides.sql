-- breaking
-- The ride row made small (docs/decisions/0016-the-ride-row.md): no NULLs, byte strings short enough for a one-byte
-- header, and half the index of tags. Rides that are there move along, day by day.

create temporary table ride_day on commit drop as
select c.relname::text as name, pg_get_expr(c.relpartbound, c.oid) as bounds
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
 where i.inhparent = 'ride'::regclass and not i.inhdetachpending;

-- Out of the way, with its partitions and indexes, whose names the new ones take.
do $$
declare
  one record;
begin
  for one in
    select t.relid::regclass as name, c.relname from pg_partition_tree('ride') t join pg_class c on c.oid = t.relid
    union all
    select x.indexrelid::regclass, c.relname from pg_partition_tree('ride') t
      join pg_index x on x.indrelid = t.relid join pg_class c on c.oid = x.indexrelid
  loop
    execute format('alter table %s rename to %I', one.name, 'before_' || one.relname);
  end loop;
end $$;

create table ride (
  ride_id    uuid not null,
  tag        uuid not null,
  erase_c    uuid not null,
  code_id    int not null,
  received_s int not null,
  run        int not null,
  no         int not null,
  board_seq  smallint not null,
  w2         smallint not null,
  iss        smallint not null,
  flags      smallint not null,
  suite      "char" not null,
  enc        bytea not null,
  ct         bytea not null,
  primary key (code_id, ride_id)
) partition by range (ride_id);
create index ride_tag on ride (uuid_hash_extended(tag, 0));
comment on table ride is 'Registered rides. Day partitions are dropped at the roll of day + retention (28 days by default). No column names or reaches a person without the authority''s day keys. Never updated.';
comment on column ride.ride_id is 'uuidv7 of the boarding minute; the rest is a digest of (tag, code): a retry is the same row. Immutable.';
comment on column ride.tag is 'PERSONAL: single-use tag, HMAC under the authority''s day key; unlinkable here. Dropped with the partition.';
comment on column ride.erase_c is 'PERSONAL: SHA-256 of a random key on the phone, cut to 16 bytes; who shows that key deletes the row. Dropped with the partition.';
comment on column ride.code_id is 'The printed code; unit and vehicle follow through bindings, so a moved sticker traces right.';
comment on column ride.received_s is 'When it reached us, epoch seconds.';
comment on column ride.run is 'Run it was assigned to at arrival, 0 where none was known.';
comment on column ride.no is 'Heads registered in the run (or unit and day) with this ride, as answered; a retry answers the same.';
comment on column ride.board_seq is 'Likely boarding stop in the run, -1 where none was known.';
comment on column ride.w2 is 'As in the record: queued, party of 0..7, boarding minute of the day. Bound to the envelope.';
comment on column ride.iss is 'Issuing authority, unsigned 16 bits as signed.';
comment on column ride.flags is 'What was noticed at arrival: bits of packages/platform/src/rides/flags.ts.';
comment on column ride.suite is 'Cryptographic suite of the envelope, one byte.';
comment on column ride.enc is 'PERSONAL: key encapsulation of the sealed contact (HPKE to the authority''s day key), 33 bytes, compressed. Noise once the day key is destroyed; dropped with the partition.';
comment on column ride.ct is 'PERSONAL: the sealed contact, 96 bytes of ciphertext. Unreadable here; dropped with the partition, noise once the day key is destroyed.';

do $$
declare
  one record;
begin
  for one in select * from ride_day loop
    execute format('create table %I partition of ride %s with (autovacuum_vacuum_insert_scale_factor = 0.05)', one.name, one.bounds);
    execute format($copy$
      insert into %I (ride_id, tag, erase_c, code_id, received_s, run, no, board_seq, w2, iss, flags, suite, enc, ct)
      select ride_id, tag, erase_c, code_id, received_s, coalesce(run, 0), no, coalesce(board_seq, -1), w2, iss, flags,
             suite::int::"char", substring(sealed from 1 for 33), substring(sealed from 34)
        from %I order by code_id, ride_id$copy$,
      one.name, 'before_' || one.name);
  end loop;
end $$;
drop table before_ride;
