/** Makes password hashes as other systems write them, mostly cheap ones, so that tests can have many. */
import { createHash, pbkdf2Sync, scryptSync } from "node:crypto";
import { hashSync as argon2 } from "@node-rs/argon2";
import { hashSync as bcrypt } from "@node-rs/bcrypt";
import type { ImportRow } from "../../src/public-accounts.js";
import { randomBytes } from "./random.js";

type Maker = (password: string) => NonNullable<ImportRow["passwordHash"]>;

const bytes = (length: number) => Buffer.from(randomBytes(length));
const bare = (text: Buffer) => text.toString("base64").replace(/=+$/, "");

export const CHEAP: Record<string, Maker> = {
  "bcrypt $2b$": (password) => bcrypt(password, 4),
  "bcrypt $2y$": (password) => bcrypt(password, 4).replace("$2b$", "$2y$"),
  argon2id: (password) => argon2(password, { algorithm: 2, memoryCost: 64, timeCost: 1, parallelism: 1 }),
  argon2i: (password) => argon2(password, { algorithm: 1, memoryCost: 64, timeCost: 2, parallelism: 1 }),
  scrypt(password) {
    const salt = bytes(16);
    return `$scrypt$ln=6,r=8,p=1$${bare(salt)}$${bare(scryptSync(password, salt, 32, { N: 64, r: 8, p: 1 }))}`;
  },
  Django(password) {
    const salt = bytes(9).toString("hex");
    return `pbkdf2_sha256$1000$${salt}$${pbkdf2Sync(password, salt, 1_000, 32, "sha256").toString("base64")}`;
  },
  passlib(password) {
    const salt = bytes(16);
    const key = pbkdf2Sync(password, salt, 1_000, 64, "sha512");
    return `$pbkdf2-sha512$1000$${bare(salt)}$${bare(key)}`.replaceAll("+", ".");
  },
  Keycloak(password) {
    const salt = bytes(16);
    const value = pbkdf2Sync(password, salt, 1_000, 64, "sha256").toString("base64");
    return {
      secretData: JSON.stringify({ value, salt: salt.toString("base64"), additionalParameters: {} }),
      credentialData: JSON.stringify({ hashIterations: 1_000, algorithm: "pbkdf2-sha256" }),
    };
  },
  "{SHA}": (password) => `{SHA}${createHash("sha1").update(password).digest("base64")}`,
};

/** As these systems are set up by themselves. */
export const DEAR: Record<string, Maker> = {
  "better-auth"(password) {
    const salt = bytes(16).toString("hex");
    const options = { N: 16_384, r: 16, p: 1, maxmem: 2 ** 26 };
    return `${salt}:${scryptSync(password.normalize("NFKC"), salt, 64, options).toString("hex")}`;
  },
  "bcrypt at 12": (password) => bcrypt(password, 12),
  "argon2id of 64 MiB": (password) =>
    argon2(password, { algorithm: 2, memoryCost: 65_536, timeCost: 3, parallelism: 4 }),
};
