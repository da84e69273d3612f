-- breaking
-- Several ways to one person, tried in order, and several providers of one way. An address and a text become a list of
-- routes and a wording; what is known about the attempts is kept beside them.
alter table outbox.message
  add column routes    jsonb,
  add column wording   jsonb,
  add column route     smallint not null default 0 check (route between 0 and 2),
  add column provider  text check (length(provider) <= 16),
  add column tried     text[] not null default '{}',
  add column may_retry boolean not null default false,
  add column rounds    smallint not null default 0,
  add column history   jsonb not null default '[]' check (jsonb_typeof(history) = 'array');

update outbox.message
   set routes = jsonb_build_array(jsonb_build_object('channel', channel, 'address', address)),
       wording = jsonb_build_object('template', 'text', 'version', 1, 'values', '{}'::jsonb, 'text', text)
 where address is not null;

drop index outbox.message_to_blank;
alter table outbox.message drop column address, drop column text;
alter table outbox.message drop constraint message_channel_check;
alter table outbox.message
  add check (channel in ('sms', 'wechat', 'mail')),
  add check ((routes is null) = (wording is null)),
  add check (state not in ('queued', 'sending') or routes is not null or blanked_ms is not null),
  add check (jsonb_typeof(routes) = 'array' and jsonb_array_length(routes) between 1 and 3),
  add check (jsonb_typeof(wording) = 'object' and pg_column_size(wording) <= 8192);

comment on table outbox.message is
  'One approved message to one person. Mutable by state only. Routes and wording are personal data in clear; they are blanked 72 h after the message is settled, at the latest when the case is closed; rows without them are kept with the case.';
comment on column outbox.message.routes is
  'PERSONAL: in clear; ways to the person in order: [{channel, address}]. Null once destroyed (72 h after settled, or with the case).';
comment on column outbox.message.wording is
  'PERSONAL: in clear; what the person reads: {template, version, values, text, subject?}. Null once destroyed (72 h after settled, or with the case).';
comment on column outbox.message.channel is 'Channel of the route that is tried now or was tried last: sms, wechat, mail.';
comment on column outbox.message.route is 'Which of routes that is, from 0. Goes up only, after a definite failure.';
comment on column outbox.message.provider is 'Name of the provider that was asked last.';
comment on column outbox.message.tried is 'Providers that refused by their own fault in this round; cleared for the next round and the next route.';
comment on column outbox.message.may_retry is 'One of tried may take it later.';
comment on column outbox.message.rounds is 'Rounds through the providers of this route that ended without one taking it.';
comment on column outbox.message.history is
  'What came of each attempt: [{atMs, channel, provider, outcome, reason}]; no address, no text. Ends at 60 entries.';
comment on column outbox.message.blanked_ms is 'Epoch ms at which routes and wording were destroyed.';

create index message_to_blank on outbox.message (settled_ms) where routes is not null and settled_ms is not null;

create or replace function outbox.blank_settled(p_settled_before_ms bigint, p_now_ms bigint) returns integer
  language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  blanked integer;
begin
  update outbox.message
     set routes = null, wording = null, blanked_ms = p_now_ms
   where routes is not null
     and settled_ms < p_settled_before_ms
     and state in ('delivered', 'failed');
  get diagnostics blanked = row_count;
  return blanked;
end
$$;
comment on function outbox.blank_settled(bigint, bigint) is
  'Blanks routes and wording of settled messages. Runs as the owner, so that a role without any right to write texts can destroy them.';

-- One more line of a message's history, while there is room.
create function outbox.with_attempt(p_history jsonb, p_at_ms bigint, p_channel text, p_provider text, p_outcome text, p_reason text)
  returns jsonb language sql immutable set search_path = pg_catalog, pg_temp
as $$
  select case
    when jsonb_array_length(p_history) >= 60 then p_history
    else p_history || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
      'atMs', p_at_ms, 'channel', p_channel, 'provider', p_provider, 'outcome', p_outcome, 'reason', left(p_reason, 80))))
  end
$$;
comment on function outbox.with_attempt(jsonb, bigint, text, text, text, text) is
  'Adds what came of an attempt to a history; leaves one of 60 entries as it is.';
