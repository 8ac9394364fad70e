/**
 * Password hashes that other systems made, each with its password: from their documentation, their own tests, or made with them.
 */

/** [where from, the password, what is given to an import] */
export const FOREIGN_HASHES: readonly (readonly [
  string,
  string,
  string | { secretData: string; credentialData: string },
])[] = [
  ["crypt_blowfish", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  ["crypt_blowfish, longer", "U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"],
  [
    "crypt_blowfish, beyond 72 bytes",
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
    "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
  ],
  ["Ruby's bcrypt", "my password", "$2a$12$K0ByB.6YI2/OYrB4fQOYLe6Tv0datUVf6VZ/2Jzwm879BW5K1cHey"],
  ["PHP's crypt", "rasmuslerdorf", "$2y$07$usesomesillystringfore2uDLvp1Ii2e./U9C8sBjqp8I90dH6hi"],
  ["PHP's password_hash", "rasmuslerdorf", "$2y$10$/rKg11J7VD7JgebwnrIhzud9jdKqTN6ICTnmCAoxiJsAPa4FF76HS"],
  [
    "argon2's own argon2i",
    "password",
    "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
  ],
  [
    "argon2's own argon2i, version 1.0",
    "password",
    "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
  ],
  [
    "argon2's own argon2id",
    "password",
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
  ],
  [
    "Authelia's argon2id",
    "password",
    "$argon2id$v=19$m=65536,t=3,p=2$BpLnfgDsc2WD8F2q$o/vzA4myCqZZ36bUGsDY//8mKUYNZZaR0t4MFFSs+iM",
  ],
  [
    "Authelia's PBKDF2",
    "insecure_secret",
    "$pbkdf2-sha512$310000$c8p78n7pUMln0jzvd4aK4Q$JNRBzwAo0ek5qKn50cFzzvE9RXV88h1wJn5KGiHrD0YKtZaR/nCb2CJPOsKaPK0hjf.9yHxzQGZziziccp6Yng",
  ],
  [
    "passlib's scrypt",
    "password",
    "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
  ],
  [
    "passlib's PBKDF2",
    "password",
    "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
  ],
  [
    "passlib's PBKDF2, with dots",
    "password",
    "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44",
  ],
  [
    "PBKDF2 as a PHC string",
    "passwordPASSWORDpassword",
    "$pbkdf2-sha256$i=4096,l=40$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$NIyJ28vTKy8y2BS4EW6EzysXNH68GAAYHE4qH7jdU+HGNVGMfaxH6Q",
  ],
  ["Django 1.8", "lètmein", "pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0="],
  ["Django 5.2", "lètmein", "pbkdf2_sha256$1000000$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps="],
  [
    "better-auth, a ligature in the password",
    "correct horse \ufb01ve battery",
    "fe058d8de6f74dd1e7773616699be1be:0ffc18d88f9aeefeb414651de0d95826c90a40c225fb961097ebde7d11901eaee68ba0619166e812bf34a3aecbf3b57fabd32b7183a66ef86f90654aafd36ae7",
  ],
  [
    "Keycloak's PBKDF2, a key of two blocks",
    "alice-password",
    {
      secretData:
        '{"value":"KqABIiReBuRWbP4pBct3W067pNvYzeN7ILBV+8vT8nuF5cgYs2fdl2QikJT/7bGTW/PBXg6CYLwJQFYrBK9MWg==","salt":"EPgscX9CQz7UnuZDNZxtMw=="}',
      credentialData: '{"hashIterations":27500,"algorithm":"pbkdf2-sha256"}',
    },
  ],
  [
    "Keycloak's PBKDF2",
    "password",
    {
      secretData:
        '{"value":"JsfNbCOIdZUbyBJ+BT+VoGI91Ec2rWLOvkLPDaX8e9k=","salt":"P5rtFkGtPfoaryJ6PizUJw==","additionalParameters":{}}',
      credentialData: '{"hashIterations":27500,"algorithm":"pbkdf2-sha256","additionalParameters":{}}',
    },
  ],
  [
    "Keycloak's PBKDF2 with SHA-512",
    "keycloak secret",
    {
      secretData:
        '{"value":"j5yV/PHZi8zfYWu5YtGUsT161Rc796lZBcDDEWNiSZPZd9Y9o36zG5CY/IDu8US9CVxmkjwp6+1LqEPcadKYMw==","salt":"MDEyMzQ1Njc4OWFiY2RlZg==","additionalParameters":{}}',
      credentialData: '{"hashIterations":210000,"algorithm":"pbkdf2-sha512","additionalParameters":{}}',
    },
  ],
  [
    "Keycloak's PBKDF2 with SHA-1",
    "keycloak secret",
    {
      secretData:
        '{"value":"SjYvVoSRtvlf6NZajHw49vdxg7aw9D80qZF7IO+8ADmtW2WDq9CeDxCGyNBYNQfauQ8oejmSnme99DtPCfyzJg==","salt":"MDEyMzQ1Njc4OWFiY2RlZg==","additionalParameters":{}}',
      credentialData: '{"hashIterations":20000,"algorithm":"pbkdf2","additionalParameters":{}}',
    },
  ],
  [
    "Keycloak's argon2",
    "secret",
    {
      secretData:
        '{"value":"xKjWvB9+0sSP6wTqI1JoEI7w+iA0x9VDhPgmrOHRG80=","salt":"LRScGShC7shkdoU5B1UgUQ==","additionalParameters":{}}',
      credentialData:
        '{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}',
    },
  ],
  ["htpasswd's {SHA}", "myPassword", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="],
  ["htpasswd's apr1", "myPassword", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"],
  ["phpass", "test12345", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"],
  ["phpass, of phpBB", "123456", "$H$9PE8jEklgZhgLmZl5.HYJAzfGCQtzi1"],
];
