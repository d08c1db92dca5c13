create table store (
  id text primary key,
  -- changes when the log was replaced by an older one; tablets then read from the start
  epoch text not null,
  -- the last number given; numbers have no gaps and are in commit order
  g integer not null,
  created_at integer not null
) strict;

create table tablet (
  store text not null references store (id),
  replica integer not null,
  -- before every order number of this tablet; never handed to another
  prefix text not null,
  device text not null,
  -- SHA-256 of the token; the token itself is nowhere
  token_hash blob not null unique,
  -- SHA-256 of the ticket for hints, which the tablet derives from its token
  ticket_hash blob not null unique,
  last_seq integer not null default 0,
  -- the hash that the next transaction continues
  link blob not null,
  enrolled_at integer not null,
  revoked_at integer,
  primary key (store, replica),
  unique (store, prefix)
) strict;

create table code (
  hash blob primary key,
  store text not null references store (id),
  expires_at integer not null,
  used_at integer
) strict;

create table log (
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
  primary key (store, g),
  unique (store, replica, seq)
) strict, without rowid;

create index log_body on log (store, body_hash);

-- personal data, beside the body so that it can be erased
create table part (
  store text not null,
  g integer not null,
  name text not null,
  salt blob not null,
  data text not null,
  primary key (store, g, name)
) strict, without rowid;
