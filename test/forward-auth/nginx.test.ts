/** Real nginx before an app, configured as docs/forward-auth.md says. */
import { startNginx } from "../support/reverse-proxy.js";
import { describeAppBehind } from "./proxy.js";

describeAppBehind("nginx", startNginx);
