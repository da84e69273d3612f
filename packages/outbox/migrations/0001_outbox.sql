-- Approved messages on their way to people. Owned by the vault's role, in the vault's database, so that an approval and
-- its messages are one transaction. The notifier's role reads it and reports outcomes; it can change no address and no
-- text, only blank them through outbox.blank_settled.
create schema outbox;
revoke all on schema outbox from public;

create table outbox.message (
  message_id    uuid     not null primary key,
  channel       text     not null check (channel in ('sms')),
  address       text     check (length(address) <= 64),
  text          text     check (length(text) <= 1000),
  urgent        boolean  not null,
  state         text     not null check (state in ('queued', 'sending', 'accepted', 'delivered', 'failed', 'uncertain')),
  attempts      smallint not null default 0,
  gateway_ids   text[]   not null default '{}',
  delivered_ids text[]   not null default '{}',
  reason        text     check (length(reason) <= 80),
  not_before_ms bigint   not null,
  queued_ms     bigint   not null,
  sending_ms    bigint,
  settled_ms    bigint,
  resent_by     text     check (length(resent_by) <= 80),
  blanked_ms    bigint,
  check ((address is null) = (text is null)),
  check (state not in ('queued', 'sending') or address is not null or blanked_ms is not null)
);

comment on table outbox.message is
  'One approved message to one person. Mutable by state only. Address and text are personal data in clear; they are blanked 72 h after the message is settled, at the latest when the case is closed; rows without them are deleted with the case.';
comment on column outbox.message.message_id is 'Chosen by the vault; a second insert of the same id changes nothing.';
comment on column outbox.message.channel is 'How to reach the person: sms.';
comment on column outbox.message.address is 'PERSONAL: in clear; E.164 digits. Null once destroyed (72 h after settled, or with the case).';
comment on column outbox.message.text is 'PERSONAL: in clear; what the person reads. Null once destroyed (72 h after settled, or with the case).';
comment on column outbox.message.urgent is 'Goes out in quiet hours too.';
comment on column outbox.message.state is
  'queued; sending (committed before the gateway is called); accepted by the gateway; delivered or failed for good; uncertain: it may have been sent, a person decides.';
comment on column outbox.message.attempts is 'Times it was marked sending.';
comment on column outbox.message.gateway_ids is 'The gateway''s ids of the parts of the last attempt; receipts name them.';
comment on column outbox.message.delivered_ids is 'Those of gateway_ids with a receipt of delivery.';
comment on column outbox.message.reason is 'Why it failed or is uncertain: a status word, never a text.';
comment on column outbox.message.not_before_ms is 'Epoch ms before which it is not sent.';
comment on column outbox.message.queued_ms is 'Epoch ms of the approval, or of the last decision to send again.';
comment on column outbox.message.sending_ms is 'Epoch ms of the last attempt.';
comment on column outbox.message.settled_ms is 'Epoch ms of delivered or failed.';
comment on column outbox.message.resent_by is 'Not personal of passengers: staff key id of whoever decided to send an uncertain message again.';
comment on column outbox.message.blanked_ms is 'Epoch ms at which address and text were destroyed.';

-- claim: what may go next, urgent first, oldest first.
create index message_waiting on outbox.message (urgent desc, queued_ms, message_id) where state = 'queued';
-- markReceipt: the message of a part.
create index message_gateway on outbox.message using gin (gateway_ids) where gateway_ids <> '{}';
-- Sweeps: interrupted, without receipt, due for blanking.
create index message_open on outbox.message (sending_ms) where state in ('sending', 'accepted', 'uncertain');
create index message_to_blank on outbox.message (settled_ms) where address is not null and settled_ms is not null;

-- Destroys address and text of what was settled before p_settled_before_ms. The only way the notifier can touch them.
create function outbox.blank_settled(p_settled_before_ms bigint, p_now_ms bigint) returns integer
  language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  blanked integer;
begin
  update outbox.message
     set address = null, text = null, blanked_ms = p_now_ms
   where address is not null
     and settled_ms < p_settled_before_ms
     and state in ('delivered', 'failed');
  get diagnostics blanked = row_count;
  return blanked;
end
$$;
revoke all on function outbox.blank_settled(bigint, bigint) from public;
comment on function outbox.blank_settled(bigint, bigint) is
  'Blanks address and text of settled messages. Runs as the owner, so that a role without any right to write texts can destroy them.';
