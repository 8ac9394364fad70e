/** The dependencies of every handler: auth/, the settings, links and rendering. Tests: test/mount.test.ts */
import type { Request, Response } from "express";
import type { Auth } from "../auth/index.js";
import type { Config } from "../config/config.js";
import type { SignedIn } from "../public-types.js";
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
  host: HostSide;
  /** Writes a sentence for the operator to the log. */
  warn: (facts: Record<string, unknown>, sentence: string) => void;
}

/** What a host app does in our place. */
export interface HostSide {
  /** Whether it checks passwords; then none of Latchkey's own is looked at. */
  checksPasswords: boolean;
  /** Where people change the password that it checks. */
  changePasswordUrl: string | undefined;
  onSignIn: OnSignIn | undefined;
}

export type OnSignIn = (
  req: Request,
  res: Response,
  who: SignedIn & { next: string },
) => void | Promise<void>;
