/** What every handler is given: the product and the settings that pages show. */
import type { Auth } from "../auth/index.js";
import type { Config } from "../config/config.js";

export interface Site {
  auth: Auth;
  config: Config;
}
