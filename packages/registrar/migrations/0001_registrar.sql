-- Everything the registrar keeps in its database. No table holds a phone number, a document number, an address of
-- the network, or anything computed from one. Key material lies in slot files, never here.

create table relay_blob (
  blob bytea not null,
  release_at timestamptz not null,
  primary key (blob)
);
create index relay_blob_release on relay_blob (release_at);
comment on table relay_blob is
  'Stop notes and erasures on their way to the platform, sealed to it by the phone. Deleted once the platform has them, after 9 days in any case. The primary key orders by the random start of each blob, so it tells nothing about arrival.';
comment on column relay_blob.blob is
  'PERSONAL: 153 bytes of HPKE for the platform''s relay key; the registrar cannot open it. Immutable. Deleted on delivery.';
comment on column relay_blob.release_at is
  'When it may leave: uniform in the configured window after arrival, rounded up to a tick. The time of arrival is not kept.';

create table ticket_deny (
  hash bytea not null,
  epoch integer not null,
  until_s bigint,
  primary key (hash)
);
create index ticket_deny_epoch on ticket_deny (epoch);
comment on table ticket_deny is
  'Withdrawn tickets. Dropped with the ticket key of their epoch, which makes the tickets unreadable anyway.';
comment on column ticket_deny.hash is
  'PERSONAL: SHA-256(ticket)[0:16], or SHA-256("deny-device1" || H(r_dev))[0:16] of the device that withdrew. Pseudonymous: both are random values of one phone''s page.';
comment on column ticket_deny.epoch is 'Ticket epoch (30 days) after which this row is dropped.';
comment on column ticket_deny.until_s is
  'For a device: tickets issued up to this second are withdrawn (a later enrolment of the same page is a new consent). NULL for a ticket.';

create table otp_challenge (
  challenge_id bytea not null,
  tries smallint not null,
  used boolean not null,
  expires_at timestamptz not null,
  primary key (challenge_id)
);
create index otp_challenge_expiry on otp_challenge (expires_at);
comment on table otp_challenge is
  'Tries of one-time codes: a row from the first try until the challenge''s end (10 minutes at most). The challenge itself, with the phone, is sealed in the client''s hands.';
comment on column otp_challenge.challenge_id is 'Random; not derived from anything.';
comment on column otp_challenge.tries is 'Codes tried so far.';
comment on column otp_challenge.used is 'True once a right code was taken: a challenge serves once.';
comment on column otp_challenge.expires_at is 'End of the challenge; the row is deleted soon after.';

create table day_bundle (
  day integer not null,
  bundle text not null,
  primary key (day)
);
comment on table day_bundle is 'Signed day bundles (public). Deleted when their day is over for phones.';
comment on column day_bundle.day is 'Local calendar day of the authority, days since 1970-01-01.';
comment on column day_bundle.bundle is 'The bundle as JSON, as the vault signed it. Public.';

create table notice (
  notice_id bytea not null,
  blob bytea not null,
  expires_at timestamptz not null,
  primary key (notice_id)
);
create index notice_expiry on notice (expires_at);
comment on table notice is 'Notices to people who travelled with a case, sealed by the vault. Deleted at their expiry.';
comment on column notice.notice_id is 'Random, in the path of the link.';
comment on column notice.blob is
  'PERSONAL: AES-GCM under a key that stands only in the fragment of the recipient''s link. The registrar cannot open it. Replaceable by the vault until expiry.';
comment on column notice.expires_at is 'When the row is deleted.';

create table notice_receipt (
  notice_id bytea not null,
  outcome text not null check (outcome in ('seen', 'acknowledged', 'disputed')),
  at timestamptz not null,
  primary key (notice_id, outcome),
  foreign key (notice_id) references notice (notice_id) on delete cascade
);
create index notice_receipt_at on notice_receipt (at);
comment on table notice_receipt is 'What became of notices, polled by the vault. Deleted with the notice.';
comment on column notice_receipt.notice_id is 'PERSONAL: the notice (only the vault knows whose).';
comment on column notice_receipt.outcome is 'PERSONAL: seen, acknowledged or disputed; the first time of each is kept.';
comment on column notice_receipt.at is 'PERSONAL: when the page said so.';

create table daily_list (
  kind text not null check (kind in ('expo1', 'notice1')),
  date text not null,
  list bytea not null,
  primary key (kind, date)
);
comment on table daily_list is 'Published lists for the self-check on phones: 8-byte digests, sorted, padded. Public. Deleted after the retention of rides.';
comment on column daily_list.kind is 'expo1: rides near a case. notice1: rides whose contact was opened.';
comment on column daily_list.date is 'Day of publication, YYYY-MM-DD.';
comment on column daily_list.list is
  'PERSONAL: SHA-256(label || tag)[0:8], concatenated in order. Pseudonymous: only the phone that made the ride knows its tag. Public.';

create table log_entry (
  position bigint not null,
  entry text not null,
  primary key (position)
);
comment on table log_entry is 'Mirror of the authority''s public transparency log. Append-only, no personal data, kept for good.';
comment on column log_entry.position is 'Place in the log, from 0 without gaps.';
comment on column log_entry.entry is 'One line of text; its UTF-8 bytes are the leaf of the tree.';

create table log_checkpoint (
  size bigint not null,
  checkpoint text not null,
  primary key (size)
);
comment on table log_checkpoint is 'Signed checkpoints that fitted the mirrored entries. The highest size is served; all are kept.';
comment on column log_checkpoint.size is 'Entries below this checkpoint.';
comment on column log_checkpoint.checkpoint is 'The signed note. Public.';

create table consent_text (
  version integer not null,
  sha256 bytea not null,
  zh text not null,
  en text not null,
  primary key (version)
);
comment on table consent_text is 'Every version of the text people agreed to. Never edited, kept for good. Public.';
comment on column consent_text.version is 'Stands in tickets.';
comment on column consent_text.sha256 is 'SHA-256 of zh, a line feed, and en; stands in the public log.';
comment on column consent_text.zh is 'The text in Chinese.';
comment on column consent_text.en is 'The text in English.';
