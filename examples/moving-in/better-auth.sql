-- What better-auth.mjs needs of better-auth's tables, as JSON lines: people with a password or without, and their confirmed app.
select json_patch('{}', json_object(
  'email', user.email,
  'emailVerified', json(iif(user.emailVerified, 'true', 'false')),
  'name', user.name,
  'password', account.password,
  'secret', twoFactor.secret
))
from user
left join account on account.userId = user.id and account.providerId = 'credential'
left join twoFactor on twoFactor.userId = user.id and twoFactor.verified and user.twoFactorEnabled
order by user.createdAt;
