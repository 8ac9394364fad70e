/** Real Caddy before an app, configured as docs/forward-auth.md says. */
import { describe } from "vitest";
import { startCaddy } from "../support/reverse-proxy.js";
import { withstandsAttacks } from "./attacks.js";
import { letsPeopleThrough } from "./behaviour.js";
import { siteOfThisFile } from "./site.js";

const site = siteOfThisFile(startCaddy);

describe("an app behind Caddy", () => letsPeopleThrough(site));
describe("attacks on an app behind Caddy", () => withstandsAttacks(site));
