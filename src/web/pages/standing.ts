/** How safe an account is: "in good order", or the one thing to do. Home and the account page show the same. */
import { LOW_RECOVERY_CODES, type Session, type WaysBackIn } from "../../auth/index.js";
import { type Message, message } from "../catalogue/message.js";

export interface Standing {
  /** For programs: `data-standing` on the page. */
  reason: keyof typeof TO_DO | "second-app" | "good";
  /** Whether nothing needs to be done. There may be an idea all the same. */
  isGood: boolean;
  title: Message;
  why: Message;
  action?: { href: string; text: Message };
}

/** Opens the form for a code of the copy, on the account page. */
export const CHECK_COPY_PATH = "/account?check=copy";

/** The most urgent thing that applies. */
export function standingOf(
  session: Pick<Session, "methods" | "startedAt">,
  { authenticators, sheet }: WaysBackIn,
): Standing {
  const [app, ...others] = authenticators;
  const isReplaced = authenticators.some(({ createdAt }) => createdAt.getTime() > session.startedAt);
  if (session.methods.includes("recovery-code") && app && !isReplaced) {
    if (others.length > 0) return toDo("replace-lost-app", message("standing-replace-lost-app-why"));
    const href = `/account/authenticators/new?replaces=${encodeURIComponent(app.id)}`;
    return toDo("replace-app", message("standing-replace-app-why"), href);
  }
  if (!sheet || sheet.left === 0) return toDo("make-codes", message("standing-make-codes-why"));
  const { left, number, provedAt } = sheet;
  if (left <= LOW_RECOVERY_CODES) {
    return toDo("make-new-codes", message("standing-make-new-codes-why", { left }));
  }
  if (!provedAt) return toDo("check-copy", message("standing-check-copy-why", { set: number }));
  const good = { isGood: true, title: message("standing-good") };
  if (others.length === 0) {
    const action = { href: "/account/authenticators/new", text: message("standing-second-app-action") };
    return { ...good, reason: "second-app", why: message("standing-second-app-why"), action };
  }
  const why = message("standing-good-why", { apps: authenticators.length, codes: left });
  return { ...good, reason: "good", why };
}

const TO_DO = {
  "replace-app": {
    title: message("standing-replace-app"),
    href: "/account/authenticators/new",
    text: message("standing-replace-app-action"),
  },
  "replace-lost-app": {
    title: message("standing-replace-lost-app"),
    href: "/account#authenticators",
    text: message("standing-replace-lost-app-action"),
  },
  "make-codes": {
    title: message("standing-make-codes"),
    href: "/account/recovery-codes",
    text: message("standing-make-codes-action"),
  },
  "make-new-codes": {
    title: message("standing-make-new-codes"),
    href: "/account/recovery-codes",
    text: message("standing-make-new-codes-action"),
  },
  "check-copy": {
    title: message("standing-check-copy"),
    href: CHECK_COPY_PATH,
    text: message("standing-check-copy-action"),
  },
};

function toDo(reason: keyof typeof TO_DO, why: Message, href = TO_DO[reason].href): Standing {
  const { title, text } = TO_DO[reason];
  return { reason, isGood: false, title, why, action: { href, text } };
}
