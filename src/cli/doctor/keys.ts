/** Checks that the keys decrypt what is stored, and which older keys are still needed after a rotation. */
import { existsSync } from "node:fs";
import { type Examined, type Finding, ok, problem, throwawayKey, unknown } from "./finding.js";

export async function checkKeys({ io, config, authWith }: Examined): Promise<Finding> {
  if (!config || !authWith) return unknown("the database and its tables");
  const [{ keyFile }, { keyIn }] = await Promise.all([
    import("../../development-key.js"),
    import("../../open-auth.js"),
  ]);
  const isMissing = !config.secrets && !existsSync(keyFile(config.dataDir));
  // If stored secrets need the missing key, checkKeys fails with any other key too.
  const secrets = isMissing ? throwawayKey(io) : (config.secrets ?? ([keyIn(config.dataDir)] as const));
  const auth = authWith([...secrets]);
  await auth.checkKeys();
  if (isMissing) return ok("There is none yet; the first start makes one.");
  return withFacts(await auth.sealedByOlderKeys(), secrets.length - 1);
}

function withFacts(sealedByOlder: number, olderKeys: number): Finding {
  return { ...neededKeys(sealedByOlder, olderKeys), facts: { sealedByOlder, olderKeys } };
}

function neededKeys(sealedByOlder: number, olderKeys: number): Finding {
  const theyOpen = "They open what is sealed in the database";
  if (sealedByOlder > 0) {
    return problem(
      `${theyOpen}, but older keys are still needed for ${sealedByOlder} of it.`,
      "Run `latchkey keys rotate`, once the newest key is the first of APP_SECRETS on every node.",
    );
  }
  if (olderKeys === 0) return ok(`${theyOpen}.`);
  return ok(
    `${theyOpen}, all with the first of them. The others may be dropped: whoever is signed in since before then signs in again.`,
  );
}
