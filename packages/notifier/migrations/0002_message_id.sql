-- Some providers carry our message's id along, so that a receipt tells about a sending that had no answer.
alter table receipt add column message_id text check (length(message_id) <= 80);
comment on column receipt.message_id is 'Id of the message as the provider carried it; null where it carries none. Not personal without the outbox.';
