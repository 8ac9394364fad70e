-- A users table of your own, in SQLite, as JSON lines. json_patch leaves out what is null.
select json_patch('{}', json_object(
  'username', login,
  'email', email,
  'name', full_name,
  'passwordHash', password_hash,
  'totp', totp_secret
))
from users;
