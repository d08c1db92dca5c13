-- the last number that a verified backup holds
alter table store add column safe_g integer not null default 0;
-- the next replica; never goes back, also when an older backup is put in place
alter table store add column next_replica integer not null default 2;
update store set next_replica = max(2, (select coalesce(max(replica), 1) + 1 from tablet where tablet.store = store.id));

-- The log anew: with bodies of a kilobyte, a table without row numbers put each on a page of its own.
create table log_with_rows (
  store text not null references store (id),
  g integer not null,
  replica integer not null,
  seq integer not null,
  h blob not null,
  -- 0 ok, 1 rejected, 2 held
  status integer not null,
  code text,
  -- the exact bytes that were hashed
  body text not null,
  -- over the body alone: the same one sent under a second identity is recognised
  body_hash blob not null,
  -- the server's clock
  at integer not null,
  -- one hash over the whole log up to this row; filled in by the program where an older version wrote the row
  dig blob,
  primary key (store, g),
  unique (store, replica, seq)
) strict;
insert into log_with_rows select store, g, replica, seq, h, status, code, body, body_hash, at, null from log order by store, g;
drop table log;
alter table log_with_rows rename to log;
-- by the hash alone: asked for many at once, the planner took an index that begins with the store for a walk through all of it
create index log_body on log (body_hash);

-- the fold, sealed in the tablets' own rows, so that nothing has to be folded from the start
create table kept (
  store text not null references store (id),
  tab text not null,
  key integer not null,
  bytes blob not null,
  primary key (store, tab, key)
) strict;
