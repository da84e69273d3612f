-- breaking
-- Which tags an order has asked for, a row a request that brought new ones instead of a row a tag: an order over a fortnight asks
-- for 4,480 of them.

create table trace_tags (
  order_hash bytea not null references trace_order on delete cascade,
  part       int not null,
  digests    bytea not null,
  primary key (order_hash, part)
);
-- Digests do not compress.
alter table trace_tags alter digests set storage external;
insert into trace_tags (order_hash, part, digests)
select order_hash, 0, string_agg(digest, ''::bytea) from trace_tag group by order_hash;
drop table trace_tag;
comment on table trace_tags is 'Which tags an order has asked for, to count each once. Deleted with the order.';
comment on column trace_tags.order_hash is 'Order.';
comment on column trace_tags.part is 'Number of the request that brought new ones, from 0.';
comment on column trace_tags.digests is 'PERSONAL: SHA-256(order_hash, day, tag), 16 bytes each, one behind the other.';
