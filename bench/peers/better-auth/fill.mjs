/**
 * Creates better-auth's tables and its users from PEOPLE: a JSON file of { name, email, password, secret }, all with the same
 * password.
 */
import { readFileSync } from "node:fs";
import { symmetricEncrypt } from "better-auth/crypto";
import { getMigrations } from "better-auth/db/migration";
import { auth, options } from "./auth.mjs";

const people = JSON.parse(readFileSync(process.env.PEOPLE, "utf8"));
await (await getMigrations(options)).runMigrations();
const { adapter, internalAdapter, password, secretConfig } = await auth.$context;
// One hash for all, because hashing each password would take as long as the bench.
const hash = await password.hash(people[0].password);
const sealed = (data) => symmetricEncrypt({ key: secretConfig, data });

for (const { name, email, secret } of people) {
  const { id } = await internalAdapter.createUser({
    name,
    email,
    emailVerified: true,
    twoFactorEnabled: true,
  });
  await internalAdapter.linkAccount({ userId: id, providerId: "credential", accountId: id, password: hash });
  await adapter.create({
    model: "twoFactor",
    data: {
      userId: id,
      secret: await sealed(secret),
      backupCodes: await sealed(JSON.stringify([])),
      verified: true,
    },
  });
}
