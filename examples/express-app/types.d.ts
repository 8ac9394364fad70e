/** What this app keeps in its own session. */
import "express-session";

declare module "express-session" {
  interface SessionData {
    draft?: string;
  }
}
