/** The cookies of a browser that has just signed in, for whatever a test asks with. Tests: test/testing/sign-in.test.ts */
import type { Config } from "../config/config.js";
import { signedCookie } from "../web/session/cookie-session.js";
import { BROWSER, cookieOf, FORWARD, sessionCookie } from "../web/session/cookies.js";

/** What a test sends to be signed in. */
export interface TestSession {
  /** A Cookie header, for fetch and supertest. */
  cookie: string;
  /** For `addCookies` of Playwright. @param origin where the app is, for example `http://127.0.0.1:3000` */
  cookies(origin: string): { name: string; value: string; url: string }[];
}

interface Ids {
  sessionId: string;
  knownBrowser: string;
  /** For apps behind a proxy that ask /auth/verify. */
  forwardToken: string;
}

/** @param secret signs the session's cookie */
export function sessionCookies(config: Config, secret: string, ids: Ids): TestSession {
  const pairs: [name: string, value: string][] = [
    [sessionCookie(config).name, encodeURIComponent(signedCookie(ids.sessionId, [secret]))],
    [cookieOf(config, BROWSER).name, encodeURIComponent(ids.knownBrowser)],
  ];
  if (config.cookieDomain !== undefined) pairs.push([FORWARD, encodeURIComponent(ids.forwardToken)]);
  return {
    cookie: pairs.map(([name, value]) => `${name}=${value}`).join("; "),
    cookies(origin) {
      const url = checkOrigin(origin, config);
      return pairs.map(([name, value]) => ({ name, value, url }));
    },
  };
}

function checkOrigin(origin: string, { baseUrl }: Config): string {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new Error("cookies takes the address of the app, for example http://127.0.0.1:3000.");
  }
  if (baseUrl?.protocol === "https:" && url.protocol === "http:") {
    throw new Error("BASE_URL is https, so a browser takes these cookies from an https address alone.");
  }
  return url.origin;
}
