/** Real Caddy before an app, configured as docs/forward-auth.md says. */
import { startCaddy } from "../support/reverse-proxy.js";
import { describeAppBehind } from "./proxy.js";

describeAppBehind("Caddy", startCaddy);
