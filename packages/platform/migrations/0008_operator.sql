-- Evidence of what each daily roll destroyed, for the operator's retention calendar.

create table roll_log (
  day        int not null,
  at_ms      bigint not null,
  partitions int not null,
  keys       int not null,
  primary key (day)
);
comment on table roll_log is 'What the roll of each day destroyed. Numbers only; no person in it. Rows older than 400 days are deleted at the roll.';
comment on column roll_log.day is 'Day of the roll, local days since 1970-01-01.';
comment on column roll_log.at_ms is 'When it last ran. A roll that runs again (a restart) adds what it still found.';
comment on column roll_log.partitions is 'Day partitions of rides and notes dropped.';
comment on column roll_log.keys is 'Key slots overwritten and removed.';

comment on column platform_state.name is 'last-roll: day number of the last finished daily roll. first-roll: day number of the first one ever: how far back this platform can know anything.';
