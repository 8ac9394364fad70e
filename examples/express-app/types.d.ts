/** The type of this app's own session data. */
import "express-session";

declare module "express-session" {
  interface SessionData {
    draft?: string;
  }
}
