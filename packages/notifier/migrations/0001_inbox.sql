-- The notifier's own database: receipts of the network, kept before anything else is done with them.
create table receipt (
  gateway_id  text   not null check (length(gateway_id) <= 80),
  state       text   not null check (state in ('delivered', 'failed', 'unknown')),
  reason      text   not null check (length(reason) <= 80),
  received_ms bigint not null,
  applied_ms  bigint,
  primary key (gateway_id, state)
);
comment on table receipt is
  'Delivery receipts as they came, one row for a part and its state; a repeated receipt is the same row. Holds no address and no text. Deleted 7 days after it came.';
comment on column receipt.gateway_id is 'The gateway''s id of the part. Not personal without the outbox.';
comment on column receipt.state is 'The network''s last word on the part.';
comment on column receipt.reason is 'Status word of the network.';
comment on column receipt.received_ms is 'Epoch ms of its first arrival.';
comment on column receipt.applied_ms is 'Epoch ms at which the outbox knew its message; null while it does not.';

-- Sweep over receipts that came before their message was known to be accepted.
create index receipt_open on receipt (received_ms) where applied_ms is null;
-- Retention.
create index receipt_age on receipt (received_ms);
