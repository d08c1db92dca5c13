-- the last number that a verified backup holds
alter table store add column safe_g integer not null default 0;
-- the next replica; never goes back, also when an older backup is put in place
alter table store add column next_replica integer not null default 2;
update store set next_replica = max(2, (select coalesce(max(replica), 1) + 1 from tablet where tablet.store = store.id));

-- one hash over the whole log up to this row; filled in by the program where an older version wrote the row
alter table log add column dig blob;

-- the fold, sealed in the tablets' own rows, so that nothing has to be folded from the start
create table kept (
  store text not null references store (id),
  tab text not null,
  key integer not null,
  bytes blob not null,
  primary key (store, tab, key)
) strict, without rowid;
