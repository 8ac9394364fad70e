/** A browser without JavaScript, and what it reads on a page. */
import request from "supertest";

/** A browser without JavaScript: keeps cookies, sends forms, does not follow redirects by itself. */
export class Visitor {
  readonly agent: ReturnType<typeof request.agent>;
  readonly #headers: Record<string, string>;

  constructor(server: Parameters<typeof request.agent>[0], headers: Record<string, string>) {
    this.agent = request.agent(server);
    this.#headers = headers;
  }

  get(url: string) {
    return this.agent.get(url).set(this.#headers);
  }

  post(url: string, fields: Record<string, string> = {}) {
    return this.agent.post(url).set(this.#headers).type("form").send(fields);
  }

  password(username = "test", password = "password", more: Record<string, string> = {}) {
    return this.post("/login", { username, password, ...more });
  }

  code(otp: string, more: Record<string, string> = {}) {
    return this.post("/login/2fa", { otp, ...more });
  }

  recoveryCode(code: string) {
    return this.post("/login/recovery-code", { recovery_code: code });
  }

  /** Proves both factors again. */
  confirm(password: string, otp: string, more: Record<string, string> = {}) {
    return this.post("/confirm", { password, otp, ...more });
  }

  /** The secret on the set-up page. */
  async secret(): Promise<string> {
    return secretOn((await this.get("/login/2fa")).text);
  }
}

/** Why a page refused what was sent: its `data-reason`; undefined where nothing is wrong. */
export function reasonOn(html: string): string | undefined {
  return /data-reason="([^"]*)"/.exec(html)?.[1];
}

/** The messages that a page shows, by id. */
export function messagesOn(html: string): string[] {
  return [...html.matchAll(/data-message="([^"]*)"/g)].map(([, id = ""]) => id);
}

/** The secret that a set-up page shows, without its spaces. @throws when the page shows none */
export function secretOn(html: string): string {
  const shown = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(html)?.[1];
  if (!shown) throw new Error("No secret on this page.");
  return shown.replaceAll(" ", "");
}
