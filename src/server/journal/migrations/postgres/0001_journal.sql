-- The same tables as in SQLite, where each column is explained.
create table store (
  id text primary key,
  epoch text not null,
  g bigint not null,
  created_at bigint not null,
  safe_g bigint not null default 0,
  next_replica bigint not null default 2
);

create table tablet (
  store text not null references store (id),
  replica bigint not null,
  prefix text not null,
  device text not null,
  token_hash bytea not null unique,
  ticket_hash bytea not null unique,
  last_seq bigint not null default 0,
  link bytea not null,
  enrolled_at bigint not null,
  revoked_at bigint,
  primary key (store, replica),
  unique (store, prefix)
);

create table code (
  hash bytea primary key,
  store text not null references store (id),
  expires_at bigint not null,
  used_at bigint
);

create table log (
  store text not null references store (id),
  g bigint not null,
  replica bigint not null,
  seq bigint not null,
  h bytea not null,
  status bigint not null,
  code text,
  body text not null,
  body_hash bytea not null,
  at bigint not null,
  dig bytea,
  primary key (store, g),
  unique (store, replica, seq)
);

create index log_body on log (body_hash);

create table part (
  store text not null,
  g bigint not null,
  name text not null,
  salt bytea not null,
  data text not null,
  primary key (store, g, name)
);

create table kept (
  store text not null references store (id),
  tab text not null,
  key bigint not null,
  bytes bytea not null,
  primary key (store, tab, key)
);
