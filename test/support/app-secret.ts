/** Secrets for APP_SECRETS: the same in every run, and random enough to be accepted. */
import { createHash } from "node:crypto";

/** The secret of a name. */
export function appSecret(name = "test"): string {
  return createHash("sha256").update(name).digest("hex");
}
