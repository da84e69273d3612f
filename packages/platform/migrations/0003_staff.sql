-- The operator's own staff: accounts, sessions, shifts and trips. No passenger appears here.

create table staff_account (
  staff_id int generated always as identity,
  account  text not null unique,
  name_zh  text not null,
  name_en  text not null,
  role     text not null,
  password text not null,
  demo     boolean not null default false,
  disabled boolean not null default false,
  primary key (staff_id)
);
comment on table staff_account is 'People who work for the operator. Kept while employed.';
comment on column staff_account.staff_id is 'Number; the vault sees it as staff-<number>.';
comment on column staff_account.account is 'PERSONAL: sign-in name.';
comment on column staff_account.name_zh is 'PERSONAL: name shown to the person, Chinese.';
comment on column staff_account.name_en is 'PERSONAL: name shown to the person, English.';
comment on column staff_account.role is 'driver, station or admin.';
comment on column staff_account.password is 'scrypt hash with its salt.';
comment on column staff_account.demo is 'Made by the demonstration; refused in production.';
comment on column staff_account.disabled is 'May not sign in any more.';

create table staff_session (
  token_hash bytea not null,
  staff_id   int not null references staff_account,
  expires_ms bigint not null,
  primary key (token_hash)
);
comment on table staff_session is 'Signed-in browsers. Deleted at sign-out and at the daily roll after they expire.';
comment on column staff_session.token_hash is 'PERSONAL: SHA-256 of the cookie''s random value.';
comment on column staff_session.staff_id is 'PERSONAL: whose.';
comment on column staff_session.expires_ms is 'End.';

create table shift (
  shift_id   int generated always as identity,
  staff_id   int not null references staff_account,
  unit_id    text not null references unit,
  code_id    int not null references code,
  started_ms bigint not null,
  ended_ms   bigint,
  primary key (shift_id)
);
create unique index shift_open_unit on shift (unit_id) where ended_ms is null;
create unique index shift_open_staff on shift (staff_id) where ended_ms is null;
create index shift_unit_time on shift (unit_id, started_ms);
comment on table shift is 'Who worked on which unit when. Deleted with the retention of rides.';
comment on column shift.shift_id is 'Number.';
comment on column shift.staff_id is 'PERSONAL: who.';
comment on column shift.unit_id is 'Where.';
comment on column shift.code_id is 'The code it was taken by.';
comment on column shift.started_ms is 'Begin.';
comment on column shift.ended_ms is 'End; NULL: still on.';

create table trip (
  trip_id    int generated always as identity,
  shift_id   int not null references shift on delete cascade,
  run_id     int not null,
  dir        smallint not null,
  started_ms bigint not null,
  ended_ms   bigint,
  primary key (trip_id)
);
create unique index trip_open_shift on trip (shift_id) where ended_ms is null;
comment on table trip is 'A driver''s own word that a run is under way: it goes before the timetable. Deleted with its shift.';
comment on column trip.trip_id is 'Number.';
comment on column trip.shift_id is 'Shift.';
comment on column trip.run_id is 'The run rides are assigned to meanwhile.';
comment on column trip.dir is 'Direction.';
comment on column trip.started_ms is 'Begin.';
comment on column trip.ended_ms is 'End; NULL: under way.';
