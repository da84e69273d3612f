-- Lists of contacts on their way to another system: asked for, signed by two people, taken.

create table export_ask (
  export_hash bytea  not null primary key check (length(export_hash) = 32),
  case_id     uuid   not null references case_file (case_id),
  asked_ms    bigint not null,
  expires_ms  bigint not null,
  signed_ms   bigint,
  sealed      bytea  not null
);
comment on table export_ask is 'A list of contacts that somebody wants to take out in some format. Deleted when the case is closed; the public log keeps its own entries.';
comment on column export_ask.export_hash is 'What is signed; also in the public log.';
comment on column export_ask.case_id is 'Its case.';
comment on column export_ask.asked_ms is 'Epoch ms.';
comment on column export_ask.expires_ms is 'Epoch ms until which it may be signed.';
comment on column export_ask.signed_ms is 'Epoch ms of the second signature.';
comment on column export_ask.sealed is 'PERSONAL: sealed under K_case: format, tiers, reason, which contacts, who asked, signatures.';
create index export_ask_case on export_ask (case_id, asked_ms);

create table export_take (
  export_hash bytea  not null references export_ask (export_hash) on delete cascade,
  person      text   not null,
  at_ms       bigint not null
);
comment on table export_take is 'Who of the staff took a file of an export, for the limit. Deleted with the export.';
comment on column export_take.export_hash is 'Its export.';
comment on column export_take.person is 'Staff pseudonym, not personal of passengers.';
comment on column export_take.at_ms is 'Epoch ms.';
create index export_take_person on export_take (person, at_ms);
create index export_take_export on export_take (export_hash);
