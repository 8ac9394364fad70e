/** The dependencies of every handler: auth/, the settings, links and rendering. Tests: test/mount.test.ts */
import type { Auth } from "../auth/index.js";
import type { Config } from "../config/config.js";
import type { Languages } from "./catalogue/languages.js";
import type { Render } from "./render/views.js";

export interface Site {
  auth: Auth;
  config: Config;
  /** The path of one of our pages, mount path included: `/login` → `/sign-in/login`. */
  link: (path: string) => string;
  render: Render;
  languages: Languages;
  /** Whether a host app overrides views. Its views may show anything, so pages are not cached then. */
  hasHostViews: boolean;
}
