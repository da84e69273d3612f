-- Casework keeps who may sign in and who is signed in. It stores no case data at all.

create table staff (
  person        text primary key,
  name_zh       text not null,
  name_en       text not null,
  role          text not null check (role in ('tracer', 'approver', 'officer')),
  password      text not null,
  demo          boolean not null default false,
  created_ms    bigint not null
);
comment on table staff is 'Accounts of the health authority''s staff. Kept while the account exists.';
comment on column staff.person is 'PERSONAL: account name of a staff member, also written into the log beside signatures. Kept while the account exists.';
comment on column staff.name_zh is 'PERSONAL: name of the staff member as colleagues read it. Kept while the account exists.';
comment on column staff.name_en is 'PERSONAL: the same name in Latin letters. Kept while the account exists.';
comment on column staff.role is 'What the person may do. Two different roles must sign an order. Changes only by deletion and new entry.';
comment on column staff.password is 'scrypt hash with its salt; not encrypted further. Replaced when the password changes.';
comment on column staff.demo is 'Account of the demonstration; production refuses to start while one exists.';
comment on column staff.created_ms is 'When the account was made. Never changes.';

create table session (
  token_hash    bytea primary key,
  person        text not null references staff (person) on delete cascade,
  created_ms    bigint not null,
  expires_ms    bigint not null
);
create index session_expires on session (expires_ms);
comment on table session is 'Signed-in browsers. Rows are deleted at sign-out and swept after they expire.';
comment on column session.token_hash is 'SHA-256 of the cookie''s random token; the token itself is never stored.';
comment on column session.person is 'PERSONAL: whose session this is. Deleted with the row.';
comment on column session.created_ms is 'Sign-in time.';
comment on column session.expires_ms is 'No use after this moment; at most 12 hours after sign-in.';
