-- While a day of rides is rewritten in code order, what changes in it meanwhile is noted by key and made up for.

create table ride_change (
  n       bigint generated always as identity,
  code_id int not null,
  ride_id uuid not null,
  primary key (n)
);
comment on table ride_change is 'Keys of rides that came or were erased while their day was being rewritten. Emptied before the rewritten day takes its place, and before the next one is begun.';
comment on column ride_change.n is 'Counts up; of no meaning.';
comment on column ride_change.code_id is 'As in ride.';
comment on column ride_change.ride_id is 'As in ride.';

create function note_ride_change() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into ride_change (code_id, ride_id) values (old.code_id, old.ride_id);
  end if;
  if tg_op <> 'DELETE' then
    insert into ride_change (code_id, ride_id) values (new.code_id, new.ride_id);
  end if;
  return null;
end
$$;
comment on function note_ride_change is 'Trigger of the one day that is being rewritten.';
