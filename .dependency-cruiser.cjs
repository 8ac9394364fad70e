/** The import rules: web → auth ← storage, auth → otp; the floors of auth/; one file per third party; no cycles. */
const only = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

/** The floors of auth/, from the top. A file imports only from its own floor and those below it. */
const FLOORS = [
  ["index.ts"],
  ["testing"],
  ["operator"],
  ["account"],
  ["sign-in"],
  ["links"],
  ["recovery"],
  ["sessions"],
  ["throttle"],
  ["transaction.ts", "events.ts", "report.ts", "refusal.ts"],
  ["authenticators"],
  ["clock"],
  ["passwords"],
  ["keys"],
  [
    "context.ts",
    "policy.ts",
    "store.ts",
    "account-store.ts",
    "link-store.ts",
    "throttle-store.ts",
    "batches.ts",
  ],
];

const inAuth = (floors) => `^src/auth/(${floors.flat().join("|").replaceAll(".", "\\.")})($|/)`;

/** One rule per floor. The lowest floor may import types, and nothing else, from the floors above it. */
const floors = FLOORS.slice(1).map((floor, index) =>
  only(
    `floor-of-${floor[0].replace(".ts", "")}`,
    "A floor of auth/ uses only those below it.",
    { path: inAuth([floor]) },
    {
      path: inAuth(FLOORS.slice(0, index + 1)),
      ...(floor.includes("context.ts") && { dependencyTypesNot: ["type-only"] }),
    },
  ),
);

module.exports = {
  forbidden: [
    ...floors,
    only("no-cycles", "A request goes in one direction.", {}, { circular: true }),
    only("otp-is-pure", "otp/ knows nothing of the rest.", { path: "^src/otp" }, { path: "^src/(?!otp)" }),
    only(
      "auth-is-alone",
      "auth/ knows otp/ and nothing else of ours.",
      { path: "^src/auth" },
      { path: "^src/(?!auth|otp)" },
    ),
    only(
      "auth-without-http-and-sql",
      "auth/ knows neither HTTP nor SQL.",
      { path: "^src/auth" },
      {
        path: "node_modules/(express|express-session|connect-flash|ejs|helmet|kysely|pino|pg|@photostructure)/",
      },
    ),
    only(
      "storage-sees-the-store",
      "storage/ sees only auth/store.ts.",
      { path: "^src/storage" },
      {
        path: "^src/(?!storage|auth/store\\.ts$)",
      },
    ),
    only(
      "web-never-sees-storage",
      "web/ asks auth/.",
      { path: "^src/(web|app\\.ts$)" },
      { path: "^src/storage" },
    ),
    only(
      "web-by-the-front-door",
      "web/ takes of auth/ what auth/index.ts offers.",
      { path: "^src/(web|app\\.ts$|main\\.ts$|latchkey\\.ts$|open-auth\\.ts$|cli|testing)" },
      { path: "^src/auth/(?!index\\.ts$)" },
    ),
    only(
      "only-wiring-wires",
      "open-auth.ts, the command line and the test kit alone put storage and auth together.",
      { path: "^src/(?!open-auth\\.ts$|cli|storage|testing/)" },
      { path: "^src/(storage|main\\.ts$)" },
    ),
    only(
      "otplib-in-otp",
      "otp/ is the only importer of otplib.",
      { path: "^src/(?!otp)" },
      {
        path: "node_modules/@?otplib",
      },
    ),
    only(
      "bcrypt-in-one-file",
      "bcrypt's library is imported in one file.",
      { path: "^src/(?!auth/passwords/bcrypt\\.ts$)" },
      { path: "node_modules/@node-rs/bcrypt" },
    ),
    only(
      "one-driver-one-file",
      "SQLite's driver is imported in one file.",
      { path: "^src/(?!storage/sqlite/driver\\.ts$)" },
      {
        path: "node_modules/@photostructure",
      },
    ),
    only(
      "postgres-in-one-file",
      "PostgreSQL's driver is imported in one file.",
      { path: "^src/(?!storage/postgres/driver\\.ts$)" },
      { path: "node_modules/(@types/)?pg/" },
    ),
    only(
      "kysely-in-storage",
      "SQL is written in storage/.",
      { path: "^src/(?!storage)" },
      {
        path: "node_modules/kysely",
      },
    ),
    only(
      "no-dev-dependencies",
      "The product runs on what it installs.",
      { path: "^src" },
      {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot: "node_modules/@types/",
      },
    ),
    only("resolvable", "Every import exists.", {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
    },
  },
};
