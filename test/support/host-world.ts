/** A host app with people of its own around a world, whose clock tests set: its own sign-in, its check of passwords, its error pages. */
import type { ErrorRequestHandler, RequestHandler } from "express";
import { createKeyring } from "../../src/auth/index.js";
import type { HostUser, HostUsers } from "../../src/public-types.js";
import { hostSignIn } from "../../src/web/host-sign-in.js";
import type { OnSignIn } from "../../src/web/site.js";
import { appSecret } from "./app-secret.js";
import { express } from "./host.js";
import { CURRENT_CODES } from "./sign-in.js";
import { secretOn, type Visitor } from "./visitor.js";
import { openWorld, sharedDataDir, type World } from "./world.js";

export const ANNA = { id: 7, username: "Anna Å." };
export const BOB = { id: "b-8", username: "bob" };

export interface HostOptions {
  users?: HostUsers;
  onSignIn?: OnSignIn;
  env?: Record<string, string>;
  /** Called before any of the host's routes, as its own middleware is. */
  before?: RequestHandler;
}

export type HostWorld = Awaited<ReturnType<typeof openHostWorld>>;

/** `/host-login?next=` signs in the person that `said.user` is, `/host-logout` signs out; the host's error page has the error's status. */
export async function openHostWorld({ users, onSignIn, env = {}, before }: HostOptions = {}) {
  const errors: unknown[] = [];
  const said: { user: HostUser; options?: { next?: string } } = { user: ANNA };
  const APP_SECRETS = env.APP_SECRETS ?? appSecret();
  const { cookieSecrets } = createKeyring([APP_SECRETS]);
  const world = await openWorld(
    { DEMO: "off", ...env, APP_SECRETS },
    undefined,
    { users, onSignIn },
    ({ router, notFound }, site) => {
      const host = hostSignIn(site, cookieSecrets);
      const app = express();
      if (before) app.use(before);
      app.all("/host-login", (req, res, next) => {
        const options = said.options ?? { next: req.query.next as string };
        host.startSecondFactor(req, res, said.user, options).catch(next);
      });
      app.post("/host-logout", (req, res, next) => {
        host.signOut(req, res).then(() => res.status(204).end(), next);
      });
      app.use(router);
      const onError: ErrorRequestHandler = (error, _req, res, _next) => {
        errors.push(error);
        if (res.headersSent) return void res.destroy();
        res.status(error.status ?? 500).send("the host's error page");
      };
      app.use(onError);
      app.use(notFound);
      return app;
    },
  );
  return { ...world, errors, said };
}

/** Two of them on one database, as two processes would be. */
export async function openTwoHostWorlds(options: HostOptions = {}): Promise<[HostWorld, HostWorld]> {
  const env = { ...options.env, DATA_DIR: sharedDataDir(), APP_SECRETS: appSecret() };
  return [await openHostWorld({ ...options, env }), await openHostWorld({ ...options, env })];
}

/** Sets up an app behind a first factor that is done. Advances the clock by one time step. @returns the secret */
export async function setUpApp(world: Pick<World, "code" | "advance">, visitor: Visitor): Promise<string> {
  const secret = secretOn((await visitor.get("/login/2fa")).text);
  const { headers, status } = await visitor.code(world.code(secret));
  if (headers.location !== CURRENT_CODES) throw new Error(`Setting up failed with ${status}.`);
  world.advance(30_000);
  return secret;
}

/** A check of passwords over a table: name as typed → person and password. */
export function usersOf(
  table: Record<string, HostUser & { password: string }>,
  more: Partial<HostUsers> = {},
): HostUsers & { asked: [string, string][] } {
  const asked: [string, string][] = [];
  return {
    asked,
    async checkPassword(username, password) {
      asked.push([username, password]);
      const found = table[username];
      return found?.password === password ? { id: found.id, username: found.username } : undefined;
    },
    ...more,
  };
}
