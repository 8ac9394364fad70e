/**
 * Why the name of an authenticator was refused, in words.
 * Tests: test/web/pages/authenticator-new.test.ts, test/web/pages/account.test.ts
 */
import type { NameProblem } from "../../auth/index.js";
import { message } from "../catalogue/message.js";
import type { Problem } from "../render/page.js";

/** The problem that a form shows for a refused name. @param field the id of its input */
export function nameProblem(reason: NameProblem, field: string): Problem {
  return { reason, ...NAME_PROBLEMS[reason], field };
}

const NAME_PROBLEMS: Record<NameProblem, Pick<Problem, "text" | "advice">> = {
  empty: { text: message("name-empty") },
  "too-long": { text: message("name-too-long"), advice: message("name-too-long-advice") },
  taken: { text: message("name-taken") },
};
