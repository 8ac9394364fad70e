/** Finds accounts that are locked out because the server's clock ran ahead: their last accepted time steps lie in the future. */
import { type Examined, type Finding, throwawayKey, unknown } from "./finding.js";

export async function checkSteps({ io, authWith }: Examined): Promise<Finding> {
  if (!authWith) return unknown("the database and its tables");
  const { authenticators, usernames, more } = await authWith(throwawayKey(io)).futureSteps();
  const facts = { authenticators, usernames: usernames.join(" ") };
  if (authenticators === 0) return { state: "ok", says: "No accepted time step lies in the future.", facts };
  const some = authenticators === 1 ? "1 authenticator has" : `${authenticators} authenticators have`;
  return {
    state: "problem",
    says: `A clock was ahead: ${some} accepted codes from the future, and until that time comes every code is refused.`,
    remedy: `Once the server's clock is right, run \`latchkey account unlock NAME\` for each of ${usernames.join(", ")}${more ? ", then run this again" : ""}.`,
    facts,
  };
}
