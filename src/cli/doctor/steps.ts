/** Whether a clock that ran ahead has left last accepted time steps in the future, which keep their owners out. */
import { anyKey, type Examined, type Finding, notLookedAt } from "./finding.js";

export async function checkSteps({ io, authWith }: Examined): Promise<Finding> {
  if (!authWith) return notLookedAt("the database and its tables");
  const { authenticators, usernames, more } = await authWith(anyKey(io)).stepsAhead();
  const facts = { authenticators, usernames: usernames.join(" ") };
  if (authenticators === 0)
    return { state: "right", says: "None that was accepted lies in the future.", facts };
  const some = authenticators === 1 ? "1 authenticator has" : `${authenticators} authenticators have`;
  return {
    state: "wrong",
    says: `${some} accepted codes of a time that is still to come, and every code of the present is refused: a clock was ahead.`,
    remedy: `Once the server's clock is right, run \`latchkey account unlock NAME\` for each of ${usernames.join(", ")}${more ? ", and look again" : ""}.`,
    facts,
  };
}
