-- Files taken in through the console: checked first, applied as one transaction, and the timetable kept as it came.

create table import_job (
  import_id  text not null,
  kind       text not null,
  file_name  text not null,
  params     jsonb not null,
  state      text not null,
  staff_id   int,
  made_ms    bigint not null,
  applied_ms bigint,
  sha256     bytea not null,
  body       bytea,
  bad_rows   text,
  report     jsonb not null,
  primary key (import_id)
);
create index import_job_time on import_job (made_ms);
comment on table import_job is 'Imports, checked or applied. Files and bad rows are deleted after a day, the rows with their reports after 90 days.';
comment on column import_job.import_id is 'Random text.';
comment on column import_job.kind is 'What the file is: gtfs, line-stops, fleet, roster, codes, aliases, vehicle-runs, positions or rider-counts.';
comment on column import_job.file_name is 'As the office called it.';
comment on column import_job.params is 'How it is read: asOf, coordinates, platePrefix.';
comment on column import_job.state is 'checked, applied, refused or expired.';
comment on column import_job.staff_id is 'PERSONAL: who sent it.';
comment on column import_job.made_ms is 'When it came.';
comment on column import_job.applied_ms is 'When it was applied.';
comment on column import_job.sha256 is 'Of the file.';
comment on column import_job.body is 'PERSONAL: the file; a roster names staff. NULL once applied or a day old.';
comment on column import_job.bad_rows is 'PERSONAL: rows to mend, as CSV; a roster''s name staff. NULL after a day.';
comment on column import_job.report is 'Counts, errors by line and column, and what changes.';

create table city_source (
  role       text not null,
  kind       text not null,
  file_name  text not null,
  params     jsonb not null,
  origin     text not null,
  sha256     bytea not null,
  body       bytea not null,
  applied_ms bigint not null,
  primary key (role)
);
comment on table city_source is 'The files the city was taken from; the timetable is expanded from them. One row a role, replaced by the next import.';
comment on column city_source.role is 'network: lines, stops and times; vehicle-runs: which vehicle makes which run; fleet; codes.';
comment on column city_source.kind is 'The kind of import: gtfs, line-stops, vehicle-runs, fleet or codes.';
comment on column city_source.file_name is 'As the office called it.';
comment on column city_source.params is 'How it is read.';
comment on column city_source.origin is 'config: read at the start of the process; import: sent by the office, which then counts.';
comment on column city_source.sha256 is 'Of the file.';
comment on column city_source.body is 'The file as it came, or its good rows.';
comment on column city_source.applied_ms is 'Since when.';

create table rider_count (
  day     int not null,
  line_id text not null,
  hour    smallint not null,
  riders  int not null,
  primary key (day, line_id, hour)
);
comment on table rider_count is 'Riders counted by other means (card taps, drivers), to measure coverage by. Sums without persons; kept for good.';
comment on column rider_count.day is 'Local day.';
comment on column rider_count.line_id is 'Line.';
comment on column rider_count.hour is 'Local hour of boarding, 0 to 23.';
comment on column rider_count.riders is 'Riders.';

alter table line add column gone_ms bigint;
comment on column line.gone_ms is 'When an import first came without it; NULL: in service. Kept, since rides may name it.';
alter table unit add column gone_ms bigint;
comment on column unit.gone_ms is 'When an import first came without it; NULL: in the fleet. Kept, since rides may name it.';
