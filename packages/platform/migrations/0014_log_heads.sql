-- Requests that are answered side by side were made with different heads of the log: each is about one that was verified here.

alter table known_checkpoint drop column one;
alter table known_checkpoint add primary key (size);
comment on table known_checkpoint is 'States of the public log verified here, each a continuation of the one before; the newest thousand.';
