/**
 * bcrypt, off the event loop. It reads 72 bytes of a password and no more, as every bcrypt does.
 * Tests: test/auth/passwords/foreign-hashes.test.ts
 */
import { verify } from "@node-rs/bcrypt";

/** @param text a hash whose shape and cost are checked: the library takes any cost, and takes `$2x$` for `$2y$` */
export function verifyBcrypt(text: string, password: string): Promise<boolean> {
  return verify(password, text);
}
