-- Rides: sealed on the phone, opaque here. One partition a local day, dropped whole; inserts only, no update ever.

create table ride (
  ride_id    uuid not null,
  tag        uuid not null,
  erase_c    uuid not null,
  code_id    int not null,
  received_s int not null,
  run        int,
  no         int not null,
  board_seq  smallint,
  w2         smallint not null,
  iss        smallint not null,
  suite      smallint not null,
  flags      smallint not null,
  sealed     bytea not null,
  primary key (code_id, ride_id)
) partition by range (ride_id);
create index ride_tag on ride (tag);
comment on table ride is 'Registered rides. Day partitions are dropped at the roll of day + retention (28 days by default). No column names or reaches a person without the authority''s day keys.';
comment on column ride.ride_id is 'uuidv7 of the boarding minute; the rest is a digest of (tag, code): a retry is the same row. Immutable.';
comment on column ride.tag is 'PERSONAL: single-use tag, HMAC under the authority''s day key; unlinkable here. Dropped with the partition.';
comment on column ride.erase_c is 'PERSONAL: SHA-256 of a random key on the phone, cut to 16 bytes; who shows that key deletes the row. Dropped with the partition.';
comment on column ride.code_id is 'The printed code; unit and vehicle follow through bindings, so a moved sticker traces right.';
comment on column ride.received_s is 'When it reached us, epoch seconds.';
comment on column ride.run is 'Run it was assigned to at arrival, NULL where none is known.';
comment on column ride.no is 'Heads registered in the run (or unit and day) with this ride, as answered; a retry answers the same.';
comment on column ride.board_seq is 'Likely boarding stop in the run.';
comment on column ride.w2 is 'As in the record: queued, party of 0..7, boarding minute of the day. Bound to the envelope.';
comment on column ride.iss is 'Issuing authority, unsigned 16 bits as signed.';
comment on column ride.suite is 'Cryptographic suite of the envelope.';
comment on column ride.flags is 'Bits: 1 late, 2 reuse, 4 implausible, 8 crew code, 16 entered through the assist form.';
comment on column ride.sealed is 'PERSONAL: the contact, sealed on the phone to the authority''s day key (HPKE): compressed key encapsulation (33) and ciphertext (96). Unreadable here; dropped with the partition, noise once the day key is destroyed.';

create table ride_note (
  day smallint not null,
  idx smallint not null,
  tag uuid not null,
  ct  bytea not null,
  primary key (day, tag, idx)
) partition by range (day);
comment on table ride_note is 'Stop notes: where a rider got on and off, sealed on the phone under a key of the ride''s own envelope. Insert only; day partitions dropped with those of ride.';
comment on column ride_note.day is 'Local day of the ride minus 32768, so that 16 unsigned bits fit.';
comment on column ride_note.idx is 'Number of the note, 0..2.';
comment on column ride_note.tag is 'PERSONAL: the ride''s tag. Dropped with the partition.';
comment on column ride_note.ct is 'PERSONAL: 32 bytes AES-128-GCM; only the vault opens it. Dropped with the partition.';

create table platform_state (
  name  text not null,
  value bigint not null,
  primary key (name)
);
comment on table platform_state is 'Small facts of the process that outlive it.';
comment on column platform_state.name is 'last-roll: day number of the last finished daily roll.';
comment on column platform_state.value is 'A number.';
