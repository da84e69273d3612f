-- What a trace asks of the operator beside rides: how a unit's air is kept, whose positions a stop's times come from, and
-- where people board, hour by hour.

alter table unit add column air text check (air in ('sealed', 'ventilated'));
comment on column unit.air is 'sealed: windows shut and air-conditioned; ventilated: aired; NULL: not known.';
alter table unit add column litres_per_second real check (litres_per_second > 0);
comment on column unit.litres_per_second is 'Outside air a person and second, where it was measured.';

comment on column run_measured.basis is 'One letter a stop: o observed, i interpolated between observations, s the timetable shifted by the nearest delay. Capital: by positions out of a file of the vehicles'' own system, small: by live positions.';

create table line_boarding (
  day     int not null,
  line_id text not null,
  hours   int[] not null check (array_length(hours, 1) = 24),
  primary key (day, line_id)
);
comment on table line_boarding is 'Heads registered on a line by local hour, counted in the night after. Sums without persons; deleted with the retention of rides. A row without line says that the day was counted.';
comment on column line_boarding.day is 'Local day.';
comment on column line_boarding.line_id is 'Line; empty: all of them.';
comment on column line_boarding.hours is 'Heads by hour of boarding, 24 numbers.';

create table stop_boarding (
  line_id text not null,
  dir     smallint not null,
  stop_id text not null,
  hours   real[] not null check (array_length(hours, 1) = 24),
  primary key (line_id, dir, stop_id)
);
comment on table stop_boarding is 'Heads that boarded at a stop by local hour, summed over about four weeks: each night the sum so far counts for 27 of 28. Sums without persons; what is below ten is told to nobody.';
comment on column stop_boarding.line_id is 'Line.';
comment on column stop_boarding.dir is 'Direction, 0 or 1.';
comment on column stop_boarding.stop_id is 'Stop.';
comment on column stop_boarding.hours is 'Heads by hour of boarding, 24 numbers.';
