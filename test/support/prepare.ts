/** Before all tests: prints the seed, builds the assets, finds a browser and starts a PostgreSQL server. */
import type { TestProject } from "vitest/node";
import { buildIfStale } from "../../scripts/build.mjs";
import { findChromium } from "../../scripts/chromium.mjs";
import { findPostgres } from "../../scripts/postgres.mjs";
import { findProxies } from "../../scripts/proxies.mjs";
import { openStore } from "../../src/storage/index.js";
import { type Postgres, startPostgres } from "./postgres.js";
import { seedOfRun } from "./seed.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The programs that the tests of forward authentication run, or which one is missing. */
    proxies: Proxies | { problem: string };
    /** The browser's path, or why there is none. */
    chromium: { path: string } | { problem: string };
    /** The PostgreSQL server of this run and its programs, or why there is none. */
    postgres: { bin: string; port: number; url: string; template: string } | { problem: string };
  }
}

type Proxies = ReturnType<typeof findProxies>;

interface Brought {
  proxies: Proxies | { problem: string };
  chromium: { path: string } | { problem: string };
  postgres: { server: Postgres; template: string } | { problem: string };
}

/** Vitest loads and calls this file once for each project, in one process. What is prepared is kept here. */
const run = globalThis as { latchkeyBrought?: Promise<Brought> | undefined };

export default async function prepare(project: TestProject): Promise<() => Promise<void>> {
  run.latchkeyBrought ??= bring();
  const { chromium, postgres, proxies } = await run.latchkeyBrought;
  project.provide("proxies", proxies);
  project.provide("chromium", chromium);
  if ("problem" in postgres) project.provide("postgres", postgres);
  else {
    const { server, template } = postgres;
    project.provide("postgres", { bin: server.bin, port: server.port, url: server.url(), template });
  }
  return async () => {
    // All projects are torn down together, after all tests. The first closes the server for all.
    const brought = await run.latchkeyBrought;
    run.latchkeyBrought = undefined;
    if (brought && "server" in brought.postgres) await brought.postgres.server.close();
  };
}

async function bring(): Promise<Brought> {
  console.log(
    `${seedOfRun()} draws all that is random in these tests again: ${seedOfRun()} npx vitest run FILE -t TEST`,
  );
  buildIfStale();
  const problem = (error: Error) => ({ problem: error.message });
  const [proxies, postgres, chromium] = await Promise.all([
    Promise.resolve().then(findProxies).catch(problem),
    findPostgres()
      .then((bin) => startPostgres(bin))
      .then(async (server) => ({ server, template: await templateOn(server) }))
      .catch(problem),
    findChromium().then((path) => ({ path }), problem),
  ]);
  return { chromium, postgres, proxies };
}

/** The name of a database with our tables and no rows. Copying it is quicker than creating the tables each time. */
async function templateOn(server: Postgres): Promise<string> {
  const databaseUrl = await server.createDatabase();
  await (await openStore({ dataDir: "", databaseUrl })).close();
  return new URL(databaseUrl).pathname.slice(1);
}
