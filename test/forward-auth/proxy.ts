/** The tests of an app behind a proxy that is configured by docs/forward-auth.md; the same for each proxy. */
import { describe } from "vitest";
import type { StartProxy } from "../support/reverse-proxy.js";
import { passesRequests } from "./app-requests.js";
import { withstandsForgedHeaders } from "./forged-headers.js";
import { withstandsMalformedRequests } from "./malformed-requests.js";
import { leadsToTheSignIn } from "./sign-in-redirect.js";
import { siteOfThisFile } from "./site.js";

export function describeAppBehind(name: string, startProxy: StartProxy): void {
  const site = siteOfThisFile(startProxy);

  describe(`an app behind ${name}`, () => {
    describe("the sign-in redirect", () => leadsToTheSignIn(site));
    describe("requests to the app", () => passesRequests(site));
    describe("forged headers", () => withstandsForgedHeaders(site));
    describe("malformed requests", () => withstandsMalformedRequests(site));
  });
}
