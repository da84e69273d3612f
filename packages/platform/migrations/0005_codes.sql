-- Codes made here: batches, replacements, and other QR codes of the city bound to them. Facts about stickers, no riders.

create table code_batch (
  batch_id int generated always as identity,
  made_ms  bigint not null,
  purpose  text not null,
  per_unit smallint not null,
  units    int not null,
  codes    int not null,
  primary key (batch_id)
);
comment on table code_batch is 'Codes issued together, to be printed together. Kept like codes.';
comment on column code_batch.batch_id is 'Number.';
comment on column code_batch.made_ms is 'When.';
comment on column code_batch.purpose is 'passenger or crew.';
comment on column code_batch.per_unit is 'Stickers of each unit.';
comment on column code_batch.units is 'Units that got codes.';
comment on column code_batch.codes is 'Codes issued.';

alter table code
  add column batch_id    int references code_batch,
  add column issued_ms   bigint,
  add column replaced_by int references code;
create index code_of_batch on code (batch_id);
comment on column code.batch_id is 'Batch it was issued in; NULL: imported, or made to replace another.';
comment on column code.issued_ms is 'When it was made here; NULL: imported.';
comment on column code.replaced_by is 'The code that took its place; NULL: none.';

create table code_alias (
  digest   bytea not null check (octet_length(digest) = 32),
  content  text not null,
  code_id  int not null references code,
  bound_ms bigint not null,
  primary key (digest)
);
create index code_alias_code on code_alias (code_id);
comment on table code_alias is 'QR codes that stood on vehicles before: their exact content stands for a code. Kept like codes.';
comment on column code_alias.digest is 'SHA-256 of the content without surrounding blanks, Unicode NFC.';
comment on column code_alias.content is 'What the QR says; needed to export the list again.';
comment on column code_alias.code_id is 'The code it stands for. Follows a replacement.';
comment on column code_alias.bound_ms is 'Since when.';

create table code_change (
  change_id int generated always as identity,
  at_ms     bigint not null,
  staff_id  int,
  verb      text not null,
  code_id   int,
  batch_id  int,
  unit_id   text,
  from_ms   bigint,
  other_id  int,
  primary key (change_id)
);
create index code_change_code on code_change (code_id);
create index code_change_time on code_change (at_ms);
comment on table code_change is 'Who changed what about codes: a sticker moved into the past changes what a trace finds. Kept 400 days.';
comment on column code_change.change_id is 'Order of events.';
comment on column code_change.at_ms is 'When it was done.';
comment on column code_change.staff_id is 'PERSONAL: who; NULL: an import at the start of the process.';
comment on column code_change.verb is 'issue, move, replace, revoke, alias or import.';
comment on column code_change.code_id is 'The code; NULL for a batch.';
comment on column code_change.batch_id is 'The batch issued.';
comment on column code_change.unit_id is 'Move: the unit from from_ms on.';
comment on column code_change.from_ms is 'Move: since when.';
comment on column code_change.other_id is 'Replace: the new code.';
