-- breaking
-- Notes under a place of their own instead of their ride's tag (docs/decisions/0026-chaining-on-the-phone.md): which rides
-- have a note, and since which hour, tells whose next ride began when. Places are made with a key that is not here, so the
-- notes of the days before cannot move along: cases of those days do without them.

drop table ride_note;
create table ride_note (
  day   smallint not null,
  place uuid not null,
  ct    bytea not null,
  primary key (day, place)
) partition by range (day);
comment on table ride_note is 'Stop notes: where a rider got on and off, sealed on the phone under a key of the ride''s own envelope. Which ride a note belongs to cannot be told without the platform''s relay key. Insert only; day partitions dropped with those of ride.';
comment on column ride_note.day is 'Local day of the ride minus 32768, so that 16 unsigned bits fit.';
comment on column ride_note.place is 'PERSONAL: HMAC of day, tag and number of the note under a key made of the relay key, which is in no database. Dropped with the partition.';
comment on column ride_note.ct is 'PERSONAL: 32 bytes AES-128-GCM; only the vault opens it. Dropped with the partition.';
