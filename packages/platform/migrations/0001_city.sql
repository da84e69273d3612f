-- The city as the operator knows it: lines, stops, units, printed codes, runs. Public facts about vehicles, no people.

create table line (
  line_id    text not null,
  name_zh    text not null,
  name_en    text not null,
  short_name text not null,
  mode       text not null,
  colour     text not null,
  primary key (line_id)
);
comment on table line is 'Public lines. Replaced at each import; kept while the operator runs.';
comment on column line.line_id is 'The operator''s own text.';
comment on column line.name_zh is 'Name, Chinese.';
comment on column line.name_en is 'Name, English.';
comment on column line.short_name is 'What stands on the vehicle.';
comment on column line.mode is 'bus, metro, ferry, taxi or coach.';
comment on column line.colour is '#rrggbb.';

create table direction (
  line_id     text not null references line,
  dir         smallint not null,
  headsign_zh text not null,
  headsign_en text not null,
  stops       text[] not null,
  primary key (line_id, dir)
);
comment on table direction is 'One way along a line: its usual order of stops. Replaced at each import.';
comment on column direction.line_id is 'Line.';
comment on column direction.dir is '0 or 1.';
comment on column direction.headsign_zh is 'Destination as shown, Chinese.';
comment on column direction.headsign_en is 'Destination as shown, English.';
comment on column direction.stops is 'stop_id in order.';

create table stop (
  stop_id text not null,
  name_zh text not null,
  name_en text not null,
  lat     double precision not null,
  lon     double precision not null,
  primary key (stop_id)
);
comment on table stop is 'Places where vehicles halt. Replaced at each import; stops of past runs stay.';
comment on column stop.stop_id is 'The operator''s own text.';
comment on column stop.name_zh is 'Name, Chinese.';
comment on column stop.name_en is 'Name, English.';
comment on column stop.lat is 'WGS 84 degrees.';
comment on column stop.lon is 'WGS 84 degrees.';

create table vehicle (
  vehicle_id text not null,
  primary key (vehicle_id)
);
comment on table vehicle is 'What moves: a bus, a whole train; a station is its own. Kept while runs name it.';
comment on column vehicle.vehicle_id is 'The operator''s own text.';

create table unit (
  unit_id       text not null,
  kind          text not null,
  plate         text,
  label_zh      text not null,
  label_en      text not null,
  vehicle_id    text not null references vehicle,
  carriage_no   smallint,
  usual_line_id text references line,
  stop_id       text,
  capacity      int not null,
  primary key (unit_id)
);
create index unit_vehicle on unit (vehicle_id);
comment on table unit is 'The smallest space riders share: a bus, one carriage, a station hall. Changed by imports, never deleted: rides of 28 days name it through bindings.';
comment on column unit.unit_id is 'The operator''s own text.';
comment on column unit.kind is 'bus, carriage, station, taxi, coach or ferry.';
comment on column unit.plate is 'Licence plate of the vehicle, where it has one.';
comment on column unit.label_zh is 'How staff call it, Chinese.';
comment on column unit.label_en is 'How staff call it, English.';
comment on column unit.vehicle_id is 'What moves it.';
comment on column unit.carriage_no is 'Place in the train, from 1.';
comment on column unit.usual_line_id is 'Line it mostly serves.';
comment on column unit.stop_id is 'For stations: the stop.';
comment on column unit.capacity is 'People it holds.';

create table code (
  code_id    int generated always as identity,
  code8      bytea not null unique check (octet_length(code8) = 8),
  short_code text not null unique,
  purpose    text not null,
  revoked_ms bigint,
  primary key (code_id)
);
comment on table code is 'Printed codes. Never deleted: a number is never given twice.';
comment on column code.code_id is 'Number used in the ride table.';
comment on column code.code8 is 'The 8 random bytes in the QR.';
comment on column code.short_code is 'Seven characters typed by hand.';
comment on column code.purpose is 'passenger or crew.';
comment on column code.revoked_ms is 'When it was taken out of use; NULL: in use.';

create table binding (
  code_id int not null references code,
  unit_id text not null references unit,
  from_ms bigint not null,
  to_ms   bigint,
  primary key (code_id, from_ms)
);
create index binding_unit on binding (unit_id);
comment on table binding is 'Which unit a code was stuck to, half-open intervals. Where two overlap the one that began last counts. Kept like codes.';
comment on column binding.code_id is 'Code.';
comment on column binding.unit_id is 'Unit it was stuck to.';
comment on column binding.from_ms is 'Inclusive; may be set into the past when a moved sticker is noticed late.';
comment on column binding.to_ms is 'Exclusive; NULL: still there.';

create table run (
  run_id     int generated always as identity,
  run_key    text not null unique,
  day        int not null,
  line_id    text not null,
  dir        smallint not null,
  vehicle_id text not null,
  primary key (run_id)
);
create index run_vehicle_day on run (vehicle_id, day);
create index run_day on run (day);
comment on table run is 'One journey of one vehicle, expanded from the timetable or begun by a driver. Deleted with the retention of rides.';
comment on column run.run_id is 'Number used in the ride table.';
comment on column run.run_key is 'Unique over all days; what the vault and phones see.';
comment on column run.day is 'Service day, local days since 1970-01-01.';
comment on column run.line_id is 'Line.';
comment on column run.dir is 'Direction.';
comment on column run.vehicle_id is 'Vehicle.';

create table run_stop (
  run_id   int not null references run on delete cascade,
  stop_ids text[] not null,
  arr_s    int[] not null,
  dep_s    int[] not null,
  primary key (run_id)
);
comment on table run_stop is 'The calls of a run, as three arrays in order of travel: one row a run is read at once and is a tenth of a row a call. Deleted with its run.';
comment on column run_stop.run_id is 'Run.';
comment on column run_stop.stop_ids is 'stop_id of each call.';
comment on column run_stop.arr_s is 'Arrivals, epoch seconds.';
comment on column run_stop.dep_s is 'Departures, epoch seconds.';
