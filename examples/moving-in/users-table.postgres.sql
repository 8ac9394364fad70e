-- A users table of your own, in PostgreSQL, as JSON lines.
select json_strip_nulls(json_build_object(
  'username', login,
  'email', email,
  'name', full_name,
  'passwordHash', password_hash,
  'totp', totp_secret
))
from users;
