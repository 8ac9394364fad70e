/** Where the documents state a number of the policy: file and sentence, as they must read for a policy. */
import type * as policyModule from "../../src/auth/policy.js";

type PolicyModule = typeof policyModule;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const days = (ms: number) => amount(ms / DAY, "day");
const minutes = (ms: number) => `${inWords(ms / MINUTE)} minutes`;
const count = (n: number) => n.toLocaleString("en-GB");
/** As settings are written: `10m`, `24h`. */
const setting = (ms: number) => {
  if (ms >= 2 * DAY) return `${ms / DAY}d`;
  return ms >= HOUR ? `${ms / HOUR}h` : `${ms / MINUTE}m`;
};

/** @returns pairs of a file and a text that it holds, whatever the line breaks */
export function policyInDocs(policy: PolicyModule): [file: string, text: string][] {
  const { DEFAULT_POLICY: defaults, PASSWORD_RULE: password, ADDRESS_RULE: address } = policy;
  const delays = password.delays.map((ms) => ms / MINUTE);
  const growing = `${password.free} free, then ${delays[0]} to ${delays.at(-1)} minutes`;
  const byAddress = `${address.free} in ${(address.window ?? 0) / MINUTE} minutes by address`;
  return [
    ["README.md", `a history of ${days(policy.HISTORY_RETENTION)}`],
    ["docs/pages.md", `of ${days(policy.HISTORY_RETENTION)}, at most ${count(policy.MAX_HISTORY)} lines`],
    ["docs/why-refused.md", `the account's history (${days(policy.HISTORY_RETENTION)})`],
    ["docs/operate.md", `history goes after ${days(policy.HISTORY_RETENTION)}`],
    [
      "docs/operate.md",
      `At most ${policy.MAX_SESSIONS} sessions, ${policy.MAX_PENDING_LOGINS} pending logins`,
    ],
    [
      "docs/operate.md",
      `${inWords(policy.MAX_PENDING_LOGINS_OF_BROWSER)} of each known one, ${policy.MAX_TRUSTED_DEVICES} trusted browsers, and ${count(policy.MAX_HISTORY)} lines of history`,
    ],
    [
      "docs/how-it-works.md",
      `over after ${minutes(defaults.pendingLogin)}, or ${inWords((policy.SET_UP_TIMES * defaults.pendingLogin) / MINUTE)} while you set up`,
    ],
    ["docs/how-it-works.md", `for ${minutes(policy.RECOVERY_CODES_SHOWN_MS)} at most: meanwhile`],
    ["docs/security.md", `for ${minutes(policy.RECOVERY_CODES_SHOWN_MS)}, to the session`],
    ["docs/pages.md", `or ${policy.RECOVERY_CODES_SHOWN_MS / MINUTE} minutes have passed`],
    ["docs/how-it-works.md", `for ${minutes(defaults.stepUp)}, in this session alone`],
    ["docs/how-it-works.md", `only the code is asked again, for ${minutes(policy.PASSWORD_PROOF_LASTS)}`],
    ["docs/security.md", `ends after ${minutes(policy.PASSWORD_PROOF_LASTS)}, a wrong password`],
    ["docs/how-it-works.md", `${minutes(policy.SEARCH_MS)} either side`],
    ["docs/security.md", `${growing}, by name; ${byAddress}`],
    ["docs/security.md", `${growing}, by account; ${policy.LOCKOUT_AFTER} standing failures lock`],
    ["docs/security.md", `at most ${count(policy.MAX_UNFINISHED)} lines an hour`],
    ["docs/server-clock.md", `within ${policy.SEARCH_STEPS} steps of now (${minutes(policy.SEARCH_MS)})`],
    ["docs/settings.md", `off by up to ${minutes(policy.SEARCH_MS)}`],
    [".env.example", `off by up to ${minutes(policy.SEARCH_MS)}`],
    [
      "docs/settings.md",
      [defaults.sessionIdle, defaults.sessionMax, defaults.pendingLogin, defaults.stepUp]
        .map((ms) => `\`${setting(ms)}\``)
        .join(", "),
    ],
    ["docs/settings.md", `\`TRUSTED_DEVICE\` | \`${setting(defaults.trustedDevice)}\``],
    ["docs/settings.md", `\`INVITATION\` | \`${setting(defaults.invitation)}\``],
    ["docs/settings.md", `at most \`${setting(policy.MAX_INVITATION)}\``],
    [".env.example", `INVITATION=${setting(defaults.invitation)}`],
    [".env.example", `SESSION_IDLE=${setting(defaults.sessionIdle)}`],
    [".env.example", `SESSION_MAX=${setting(defaults.sessionMax)}`],
    [".env.example", `PENDING_LOGIN=${setting(defaults.pendingLogin)}`],
    [".env.example", `STEP_UP=${setting(defaults.stepUp)}`],
    [".env.example", `TRUSTED_DEVICE=${setting(defaults.trustedDevice)}`],
    [
      "docs/why-refused.md",
      `looked for ${policy.SEARCH_STEPS} steps of 30 seconds either side, which is ${minutes(policy.SEARCH_MS)}`,
    ],
    ["docs/server-clock.md", `wrong by more than ${minutes(policy.SEARCH_MS)}`],
    ["docs/why-refused.md", `at most ${inWords(policy.MAX_EARLIER_ENROLMENTS)} of the last`],
    ["docs/cli.md", `At least ${policy.PASSWORD_LENGTH.min} characters`],
  ];
}

/** "1 second", "2 seconds". */
function amount(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** "ten", "12": a count up to ten as a word. */
function inWords(count: number): string {
  return WORDS[count] ?? String(count);
}

const WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
