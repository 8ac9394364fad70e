/** A wrong password that costs no hash, for tests that need many refusals but are not about hashing. */

export const FREE_GUESS = "wrong, as everybody can see";

type Argon2 = typeof import("@node-rs/argon2");

/** argon2, with that password refused without hashing; for `vi.mock("@node-rs/argon2", …)`. */
export function withFreeGuesses(real: Argon2): Argon2 {
  const verify: Argon2["verify"] = async (hashed, password, ...more) =>
    password === FREE_GUESS ? false : real.verify(hashed, password, ...more);
  return { ...real, verify };
}
