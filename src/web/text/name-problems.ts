/**
 * Why the name of an authenticator was refused, in words.
 * Tests: test/web/pages/authenticator-new.test.ts, test/web/pages/account.test.ts
 */
import type { NameProblem } from "../../auth/index.js";
import type { Problem } from "../render/page.js";
import { NUMBERS } from "./numbers.js";

/** The problem that a form shows for a refused name. @param field the id of its input */
export function nameProblem(reason: NameProblem, field: string): Problem {
  return { reason, text: NAME_PROBLEMS[reason], field };
}

const NAME_PROBLEMS: Record<NameProblem, string> = {
  empty: "Give it a name, such as the phone or the app that it is on.",
  "too-long": `That name is too long: at most ${NUMBERS.maxName} characters.`,
  taken: "Another authenticator of yours has that name already. Give this one another.",
};
