/** What every handler is given: the product, the settings, and how to make a page and the address of one. */
import type { Auth } from "../auth/index.js";
import type { Config } from "../config/config.js";
import type { Render } from "./render/views.js";

export interface Site {
  auth: Auth;
  config: Config;
  /** The address of a page of ours: `/login` under the path at which Latchkey is mounted. */
  link: (path: string) => string;
  render: Render;
  /** Whether a host has put views of its own in place of ours. */
  hasHostViews: boolean;
}
