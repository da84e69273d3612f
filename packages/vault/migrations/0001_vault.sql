-- The vault: public halves of day keys, the transparency log, the roster, and sealed cases. No key material and no
-- plaintext of a person ever stands in this database, except in the outbox of approved messages.

create table setting (
  name  text not null primary key,
  value text not null
);
comment on table setting is 'Small facts to find again after a restart: the operator''s public identity, the last roll. Not personal. Overwritten.';
comment on column setting.name is 'What it is.';
comment on column setting.value is 'Its value as text or JSON.';

create table day_key (
  day          int    not null primary key,
  key_id       text   not null,
  bundle       text   not null,
  made_ms      bigint not null,
  destroyed_ms bigint
);
comment on table day_key is 'One row per local day whose keys were made. The keys themselves are in slot files. Kept: it is the record of their destruction.';
comment on column day_key.day is 'Local day, days since 1970-01-01.';
comment on column day_key.key_id is 'Name of the day''s envelope key.';
comment on column day_key.bundle is 'The signed public bundle as JSON.';
comment on column day_key.made_ms is 'Epoch ms.';
comment on column day_key.destroyed_ms is 'Epoch ms of the entry key-destroy; null while the keys live.';
-- The roll: living days.
create index day_key_living on day_key (day) where destroyed_ms is null;

create table log_entry (
  index bigint not null primary key,
  at_ms bigint not null,
  kind  text   not null,
  line  text   not null,
  leaf  bytea  not null
);
comment on table log_entry is 'The transparency log, append-only, public. Holds hashes, counts and days, nothing about persons.';
comment on column log_entry.index is 'Position, from 0 without gaps.';
comment on column log_entry.at_ms is 'Epoch ms.';
comment on column log_entry.kind is 'What happened.';
comment on column log_entry.line is 'The entry as canonical JSON; its UTF-8 bytes are the leaf.';
comment on column log_entry.leaf is 'RFC 6962 leaf hash, 32 bytes.';
create function log_entry_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the log is append-only';
end
$$;
create trigger log_entry_append_only before update or delete or truncate on log_entry
  for each statement execute function log_entry_is_append_only();

create table log_frontier (
  only_one boolean not null primary key default true check (only_one),
  size     bigint  not null,
  peaks    bytea   not null
);
comment on table log_frontier is 'The log''s Merkle frontier: what is needed to append. One row, locked while appending.';
comment on column log_frontier.only_one is 'Keeps it at one row.';
comment on column log_frontier.size is 'Entries in the log.';
comment on column log_frontier.peaks is 'Roots of the perfect subtrees from left to right, 32 bytes each.';
insert into log_frontier (size, peaks) values (0, '');

create table roster (
  version      int    not null primary key,
  body         text   not null,
  installed_ms bigint not null
);
comment on table roster is 'Rosters of staff keys as signed by the root key; the highest version holds. Staff, not passengers. Kept.';
comment on column roster.version is 'Rises with every roster.';
comment on column roster.body is 'The signed roster as JSON: staff pseudonyms, roles, public keys.';
comment on column roster.installed_ms is 'Epoch ms.';

create table pending_key (
  key_id     text   not null primary key,
  role       text   not null,
  person     text   not null,
  public_key text   not null,
  asked_ms   bigint not null
);
comment on table pending_key is 'Staff passkeys waiting for the next signed roster. Staff, not passengers. Deleted when they are on it.';
comment on column pending_key.key_id is 'WebAuthn credential id.';
comment on column pending_key.role is 'tracer, approver or officer.';
comment on column pending_key.person is 'Staff pseudonym, not personal of passengers.';
comment on column pending_key.public_key is 'COSE public key, base64url.';
comment on column pending_key.asked_ms is 'Epoch ms.';

create table case_file (
  case_id       uuid   not null primary key,
  entered_ms    bigint not null,
  destroy_by_ms bigint not null,
  closed_ms     bigint,
  sealed        bytea
);
comment on table case_file is 'One case. Everything about it is sealed under its own key in a slot file, which is destroyed when the case is closed, at the latest at destroy_by_ms.';
comment on column case_file.case_id is 'Random.';
comment on column case_file.entered_ms is 'Epoch ms.';
comment on column case_file.destroy_by_ms is 'Epoch ms at which its key is destroyed at the latest.';
comment on column case_file.closed_ms is 'Epoch ms at which its key was destroyed; null while it lives.';
comment on column case_file.sealed is 'PERSONAL: sealed under K_case: case number, status, subjects, days, who entered it, what was opened. Null once closed.';
create index case_file_open on case_file (entered_ms) where closed_ms is null;

create table trace_order (
  order_hash     bytea  not null primary key check (length(order_hash) = 32),
  case_id        uuid   not null references case_file (case_id),
  state          text   not null check (state in ('awaiting-signatures', 'signed', 'running', 'done', 'failed', 'expired')),
  asked_ms       bigint not null,
  expires_ms     bigint not null,
  watch_until_ms bigint not null,
  signed_ms      bigint,
  log_index      bigint,
  sealed         bytea
);
comment on table trace_order is 'An order over a case: asked for, signed by two people, carried out. Rows stay as the local counterpart of the log; the content dies with the case.';
comment on column trace_order.order_hash is 'Hash of the canonical order; also in the public log.';
comment on column trace_order.case_id is 'Its case.';
comment on column trace_order.state is 'awaiting-signatures, signed, running, done, failed, expired.';
comment on column trace_order.asked_ms is 'Epoch ms.';
comment on column trace_order.expires_ms is 'Epoch ms until which it may be signed.';
comment on column trace_order.watch_until_ms is 'Epoch ms until which late rides are fetched.';
comment on column trace_order.signed_ms is 'Epoch ms of the second signature.';
comment on column trace_order.log_index is 'Its entry in the log.';
comment on column trace_order.sealed is 'PERSONAL: sealed under K_case: the order, signatures, steps, rides of the case. Null once the case is closed.';
create index trace_order_case on trace_order (case_id, asked_ms);

create table contact (
  case_id    uuid  not null references case_file (case_id),
  contact_id text  not null,
  rank       int   not null,
  sealed     bytea not null,
  primary key (case_id, contact_id)
);
comment on table contact is 'Fellow riders a case opened. Deleted when the case is closed.';
comment on column contact.case_id is 'Its case.';
comment on column contact.contact_id is 'PERSONAL: keyed digest under the case''s commitment key; means nothing without it.';
comment on column contact.rank is 'Order in which to call, from 1.';
comment on column contact.sealed is 'PERSONAL: sealed under K_case: who, how sure, which rides, outcome.';
create index contact_in_order on contact (case_id, rank);

create table notice (
  message_id  uuid   not null primary key,
  case_id     uuid   not null references case_file (case_id),
  contact_id  text   not null,
  batch_id    bytea  not null,
  notice_id   bytea  not null unique check (length(notice_id) = 16),
  blob        bytea,
  approved_ms bigint not null,
  expires_ms  bigint not null,
  pushed_ms   bigint,
  receipt     text,
  receipt_ms  bigint,
  unique (case_id, contact_id, batch_id)
);
comment on table notice is 'One approved message and the notice page it links to. Deleted when the case is closed.';
comment on column notice.message_id is 'The same id in outbox.message.';
comment on column notice.case_id is 'Its case.';
comment on column notice.contact_id is 'PERSONAL: keyed digest, as in contact.';
comment on column notice.batch_id is 'The approval it belongs to.';
comment on column notice.notice_id is 'Path of the notice page.';
comment on column notice.blob is 'PERSONAL: the notice, AES-128-GCM under a key that stands in the message only. Null once the registrar has it.';
comment on column notice.approved_ms is 'Epoch ms.';
comment on column notice.expires_ms is 'Epoch ms after which the registrar forgets the page.';
comment on column notice.pushed_ms is 'Epoch ms at which the registrar took it.';
comment on column notice.receipt is 'seen, acknowledged or disputed.';
comment on column notice.receipt_ms is 'Epoch ms.';
create index notice_case on notice (case_id, contact_id);
create index notice_to_push on notice (approved_ms) where pushed_ms is null;

create table reveal (
  case_id uuid   not null references case_file (case_id),
  person  text   not null,
  at_ms   bigint not null
);
comment on table reveal is 'Who of the staff saw a contact in clear, for the limit. Deleted when the case is closed; the public log keeps its own entry.';
comment on column reveal.case_id is 'Its case.';
comment on column reveal.person is 'Staff pseudonym, not personal of passengers.';
comment on column reveal.at_ms is 'Epoch ms.';
create index reveal_person on reveal (person, at_ms);

create table list_value (
  kind  text  not null check (kind in ('expo1', 'notice1')),
  value bytea not null check (length(value) = 8),
  primary key (kind, value)
);
comment on table list_value is 'Values waiting for the next daily list. Deleted when the list is made.';
comment on column list_value.kind is 'expo1 or notice1.';
comment on column list_value.value is 'PERSONAL: digest of a ride''s single-use tag, 8 bytes; published without order or grouping.';

create table daily_list (
  kind      text   not null check (kind in ('expo1', 'notice1')),
  day       int    not null,
  body      bytea,
  pushed_ms bigint,
  primary key (kind, day)
);
comment on table daily_list is 'Daily lists as made, so that a second attempt sends the same bytes.';
comment on column daily_list.kind is 'expo1 or notice1.';
comment on column daily_list.day is 'Local day of publication.';
comment on column daily_list.body is 'PERSONAL: sorted 8-byte digests, padded. Null once published.';
comment on column daily_list.pushed_ms is 'Epoch ms at which the registrar took it.';
