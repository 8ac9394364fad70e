/** Settings in a host's environment that are plainly another program's, though they are called as ours. */

/** As bundlers and their test runners set it: the path under which files are served. */
const ONLY_A_PATH = /^\.{0,2}\/(?!\/)/;

/** The scheme of an address that is not PostgreSQL's: Prisma's `file:./dev.db`, `mysql://…`, `mongodb+srv://…`. */
const ANOTHER_SCHEME =
  /^(?!postgres(?:ql)?:)([a-z][a-z0-9+.-]*:\/\/|(?:file|sqlite3?|libsql|jdbc|sqlserver):)/i;

/** The environment without what is another program's, and what is to be said about that. */
export function passOverForeign(env: NodeJS.ProcessEnv): { env: NodeJS.ProcessEnv; warnings: string[] } {
  const own = { ...env };
  const warnings: string[] = [];
  const passOver = (name: string, what: string) => {
    delete own[name];
    warnings.push(
      `${name} of the environment is ${what}, and so another program's: it is passed over. Give Latchkey its own by the option \`settings\`.`,
    );
  };
  if (ONLY_A_PATH.test(own.BASE_URL?.trim() ?? "")) passOver("BASE_URL", "a path only");
  // No more than the scheme: there may be a password behind it.
  const scheme = ANOTHER_SCHEME.exec(own.DATABASE_URL?.trim() ?? "")?.[1];
  if (scheme !== undefined) passOver("DATABASE_URL", `the address of another database (${scheme}…)`);
  return { env: own, warnings };
}
