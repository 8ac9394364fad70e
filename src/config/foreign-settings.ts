/**
 * Ignores settings in a host app's environment that have our names but clearly belong to another program.
 * Tests: test/config/host-environment.test.ts
 */

/** Bundlers and their test runners set BASE_URL to the path under which they serve files. */
const ONLY_A_PATH = /^\.{0,2}\/(?!\/)/;

/** The scheme of an address that is not PostgreSQL's: Prisma's `file:./dev.db`, `mysql://…`, `mongodb+srv://…`. */
const ANOTHER_SCHEME =
  /^(?!postgres(?:ql)?:)([a-z][a-z0-9+.-]*:\/\/|(?:file|sqlite3?|libsql|jdbc|sqlserver):)/i;

/** Returns the environment without another program's settings, and a warning for each of them. */
export function ignoreForeign(env: NodeJS.ProcessEnv): { env: NodeJS.ProcessEnv; warnings: string[] } {
  const own = { ...env };
  const warnings: string[] = [];
  const ignore = (name: string, what: string) => {
    delete own[name];
    warnings.push(
      `${name} in the environment is ${what}, so it belongs to another program and is ignored. Give Latchkey its own in the option \`settings\`.`,
    );
  };
  if (ONLY_A_PATH.test(own.BASE_URL?.trim() ?? "")) ignore("BASE_URL", "only a path");
  // The warning quotes only the scheme, because a password may follow it.
  const scheme = ANOTHER_SCHEME.exec(own.DATABASE_URL?.trim() ?? "")?.[1];
  if (scheme !== undefined) ignore("DATABASE_URL", `the address of another kind of database (${scheme}…)`);
  return { env: own, warnings };
}
