/** Real nginx before an app, configured as docs/forward-auth.md says. */
import { describe } from "vitest";
import { startNginx } from "../support/reverse-proxy.js";
import { withstandsAttacks } from "./attacks.js";
import { letsPeopleThrough } from "./behaviour.js";
import { siteOfThisFile } from "./site.js";

const site = siteOfThisFile(startNginx);

describe("an app behind nginx", () => letsPeopleThrough(site));
describe("attacks on an app behind nginx", () => withstandsAttacks(site));
