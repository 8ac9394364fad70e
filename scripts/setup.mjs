/**
 * `npm run setup`: installs by apt the programs that tests use and npm cannot install; needs Debian or Ubuntu, and root or
 * sudo.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Packages (with alternatives), and what is tested with each. */
const PACKAGES = [
  [["chromium-headless-shell", "chromium"], "the pages in a browser"],
  [["postgresql"], "PostgreSQL"],
  [["nginx-light"], "forward authentication behind nginx"],
  [["caddy"], "forward authentication behind Caddy"],
  [["pgbouncer"], "PostgreSQL behind PgBouncer"],
  [["oathtool"], "one-time passwords against a second implementation"],
  [["openssl"], "TLS"],
];

if (!existsSync("/usr/bin/apt-get")) {
  console.error(
    `There is no apt here. Install by other means: ${PACKAGES.map(([[name]]) => name).join(", ")}.`,
  );
  process.exit(1);
}
const asRoot = process.getuid?.() === 0 ? [] : ["sudo"];
const needsUpdate = !PACKAGES.every(([names]) => names.some(isInstalled));
if (needsUpdate) apt("update");
// Installs one at a time, because not every release has every package.
const missing = PACKAGES.filter(
  ([names]) =>
    !names.some(isInstalled) && !names.some((name) => apt("install", "-y", "--no-install-recommends", name)),
);
for (const [[name], what] of missing)
  console.error(`${name} could not be installed: ${what} will not be tested.`);
if (missing.length > 0) process.exitCode = 1;
else console.log("Everything that the tests can use is installed.");

function apt(...words) {
  const [command, ...rest] = [...asRoot, "apt-get", ...words];
  try {
    execFileSync(command, rest, { stdio: ["inherit", "ignore", "inherit"] });
    return true;
  } catch {
    return false;
  }
}

function isInstalled(name) {
  try {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query has placeholders of its own
    const status = execFileSync("dpkg-query", ["-W", "-f", "${db:Status-Status}", name], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    return String(status) === "installed";
  } catch {
    return false;
  }
}
