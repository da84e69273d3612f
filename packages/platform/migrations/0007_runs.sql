-- Which run a vehicle made, from better sources than the timetable: dispatch, its own positions, the operator's corrections.
-- Rides are never rewritten: their run is looked up through these intervals whenever somebody asks.

alter table run add column dispatched boolean not null default false;
comment on column run.dispatched is 'The list of the day itself named this vehicle, not only the standing timetable.';

create table run_segment (
  segment_id int generated always as identity,
  vehicle_id text not null,
  run_id     int not null references run on delete cascade,
  basis      text not null check (basis in ('dispatch', 'positions')),
  from_ms    bigint not null,
  to_ms      bigint not null check (to_ms > from_ms),
  confidence real not null,
  said_ms    bigint not null,
  primary key (segment_id)
);
create index run_segment_vehicle on run_segment (vehicle_id, to_ms);
create index run_segment_run on run_segment (run_id);
comment on table run_segment is 'Stretches of a vehicle''s time on a run. Of vehicles, not of people; those of positions are replaced when more positions tell better. Deleted with the runs of their day.';
comment on column run_segment.segment_id is 'Number.';
comment on column run_segment.vehicle_id is 'Vehicle.';
comment on column run_segment.run_id is 'The run it made, which the timetable may give to another vehicle.';
comment on column run_segment.basis is 'dispatch: a list of the day that came after the runs were expanded; positions: measured.';
comment on column run_segment.from_ms is 'Inclusive.';
comment on column run_segment.to_ms is 'Exclusive.';
comment on column run_segment.confidence is '0 to 1; dispatch is 1.';
comment on column run_segment.said_ms is 'When it was said: of a dispatch and a driver''s trip the later word counts.';

create table run_correction (
  correction_id int generated always as identity,
  vehicle_id    text not null,
  run_id        int references run on delete cascade,
  from_ms       bigint not null,
  to_ms         bigint not null check (to_ms > from_ms),
  made_ms       bigint not null,
  staff_id      int,
  rides         int not null,
  primary key (correction_id)
);
create index run_correction_vehicle on run_correction (vehicle_id, to_ms);
comment on table run_correction is 'What a person at the operator said afterwards: from … to … the vehicle made this run, or none. Insert only; where two overlap the later one counts. Deleted with the retention of rides.';
comment on column run_correction.correction_id is 'Number, rising.';
comment on column run_correction.vehicle_id is 'Vehicle.';
comment on column run_correction.run_id is 'The run; NULL: it made none.';
comment on column run_correction.from_ms is 'Inclusive.';
comment on column run_correction.to_ms is 'Exclusive.';
comment on column run_correction.made_ms is 'When it was said.';
comment on column run_correction.staff_id is 'PERSONAL: who said so.';
comment on column run_correction.rides is 'Rides whose run is another one since.';

create table run_measured (
  run_id     int not null references run on delete cascade,
  vehicle_id text not null,
  arr_s      int[] not null,
  dep_s      int[] not null,
  basis      text not null,
  primary key (run_id, vehicle_id)
);
comment on table run_measured is 'When a vehicle was at each stop of a run, by its positions. Replaced while positions come in; deleted with its run.';
comment on column run_measured.run_id is 'Run.';
comment on column run_measured.vehicle_id is 'The vehicle that was measured.';
comment on column run_measured.arr_s is 'Arrivals in order of travel, epoch seconds.';
comment on column run_measured.dep_s is 'Departures, epoch seconds.';
comment on column run_measured.basis is 'One letter a stop: o observed, i interpolated between observations, s the timetable shifted by the nearest delay.';

create table relabel (
  relabel_id bigint generated always as identity,
  vehicle_id text not null,
  from_ms    bigint not null,
  to_ms      bigint not null,
  made_ms    bigint not null,
  cause      text not null check (cause in ('correction', 'dispatch', 'positions')),
  rides      int not null,
  primary key (relabel_id)
);
create index relabel_vehicle on relabel (vehicle_id, to_ms);
comment on table relabel is 'Stretches of a vehicle''s time whose run became another one after rides had been registered: open orders are told by the number. Deleted with the retention of rides.';
comment on column relabel.relabel_id is 'Number, rising: the revision orders are told.';
comment on column relabel.vehicle_id is 'Vehicle.';
comment on column relabel.from_ms is 'Inclusive.';
comment on column relabel.to_ms is 'Exclusive.';
comment on column relabel.made_ms is 'When.';
comment on column relabel.cause is 'correction, dispatch or positions.';
comment on column relabel.rides is 'Rides within it.';

create table vehicle_position (
  vehicle_id text not null,
  at_s       int not null,
  lat        real not null,
  lon        real not null,
  trip_id    text,
  route_id   text,
  primary key (vehicle_id, at_s)
) partition by range (at_s);
comment on table vehicle_position is 'Where vehicles were, thinned, to measure and to match again. Of vehicles; together with shifts they would show where staff were, so day partitions are dropped after a few days (positions.keepDays).';
comment on column vehicle_position.vehicle_id is 'Our vehicle.';
comment on column vehicle_position.at_s is 'Epoch seconds.';
comment on column vehicle_position.lat is 'WGS 84 degrees, good to a metre.';
comment on column vehicle_position.lon is 'WGS 84 degrees.';
comment on column vehicle_position.trip_id is 'Trip the source named, if any.';
comment on column vehicle_position.route_id is 'Line the source named, if any.';

comment on column ride.run is 'Run as answered at arrival, NULL where none was known. Later knowledge lies in run_segment, run_correction and trip; readers resolve through them.';
comment on column ride.flags is 'Bits: 1 late, 2 reuse, 4 implausible, 8 crew code, 16 entered through the assist form, 32 code not bound at that minute, 64 unit out of the fleet; 256 to 1792 (three bits): how the run was known at arrival: 1 corrected, 2 dispatch, 3 trip, 4 positions, 5 schedule, 6 usual.';
