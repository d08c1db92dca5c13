-- web shops that may hand in orders; the secret signs what they send, so it is kept as it is
create table intake (
  name text primary key,
  store text not null references store (id),
  kind text not null,
  secret text not null,
  created_at integer not null,
  -- the server's clock; when something signed last came in
  heard_at integer
) strict;
