/** `npm run bench -- bytes`: the size of the sign-in pages and the layout shift on them, in a real Chromium on a slow line. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "../scripts/build.mjs";
import { findChromium, launch } from "../scripts/chromium.mjs";
import { slowLine } from "./support/line.mjs";
import { startNaivePort } from "./support/peers.mjs";
import { report, target } from "./support/report.mjs";
import { inRounds } from "./support/rounds.mjs";
import { settings, startLatchkey } from "./support/server.mjs";

const ROUNDS = 5;
const SLOW = { latencyMs: 150, bitsPerSecond: 1_600_000 };
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const PASSWORD = "violet harbour lantern";

const root = fileURLToPath(new URL("../", import.meta.url));

buildIfStale();
const { fromBase32, totpAt } = await import("../dist/otp.js");
const env = settings();
for (const viewport of [DESKTOP, PHONE]) addAccount(nameFor(viewport));
const latchkey = await startLatchkey(env);
const naivePort = await startNaivePort();
const lines = {
  Latchkey: await slowLine(latchkey.origin, SLOW),
  "naive port, all of Bootstrap": await slowLine(naivePort.origin, SLOW),
};
const browser = await launch(await findChromium());

const measured = await inRounds(
  Object.fromEntries(Object.entries(lines).map(([name, line]) => [name, () => visits(line)])),
  ROUNDS,
  { warmUp: false },
);
const shifts = [...(await walk(DESKTOP)), ...(await walk(PHONE))];
const ofLatchkey = (key) => measured.Latchkey.map((round) => round[key]);
report({
  name: "bytes",
  setting:
    `The login page in Chromium ${browser.version().split(".")[0]} with an empty cache and again with what it has kept, ` +
    `over a line of ${SLOW.latencyMs} ms and ${SLOW.bitsPerSecond / 1e6} Mbit/s; ${ROUNDS} rounds. ` +
    "Bytes are those of the answers, heads included. Layout shift is also that of the set-up, recovery and code pages, on a desktop and a phone.",
  columns: [
    { key: "firstKb", title: "first visit KB", digits: 1 },
    { key: "files", title: "files" },
    { key: "secondKb", title: "second visit KB", digits: 1 },
    { key: "blocking", title: "hold up the paint" },
    { key: "paintMs", title: "first byte to first paint ms" },
    { key: "shift", title: "layout shift", digits: 3 },
  ],
  measured,
  targets: [
    target("KB over the wire on the first visit", ofLatchkey("firstKb"), { atMost: 30 }),
    target("KB on the second", ofLatchkey("secondKb"), { atMost: 3 }),
    target("files that hold up the first paint", ofLatchkey("blocking"), { atMost: 1 }),
    target("ms from the first byte to the first contentful paint", ofLatchkey("paintMs"), { atMost: 500 }),
    target("layout shift of the worst page", [Math.max(...ofLatchkey("shift"), ...shifts)], { atMost: 0 }),
  ],
});
await browser.close();
process.exit();

/** A browser's first and second visit to the login page. */
async function visits(line) {
  const person = await newPerson(DESKTOP);
  const first = await visit(person, line, { fetchIcon: true });
  const second = await visit(person, line);
  await person.close();
  return {
    firstKb: first.kb,
    files: first.files,
    secondKb: second.kb,
    blocking: first.blocking,
    paintMs: first.paintMs,
    shift: first.shift,
  };
}

/**
 * A new browser context that records layout shifts on each page. Its time zone differs from the server's, so that pages rewrite
 * times.
 */
async function newPerson(viewport) {
  const person = await browser.newContext({ viewport, timezoneId: "Asia/Kolkata" });
  await person.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const { value } of list.getEntries()) window.shift += value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  return person;
}

/**
 * Opens the login page in a new tab.
 * @param fetchIcon fetch the icon too, which a browser without a window does not do by itself
 */
async function visit(person, line, { fetchIcon = false } = {}) {
  line.newCount();
  const page = await person.newPage();
  await page.goto(`${line.origin}/login`, { waitUntil: "networkidle" });
  const { icon, fetched, ...seen } = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType("navigation");
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    const resources = performance.getEntriesByType("resource");
    const icon = document.querySelector("link[rel~=icon]")?.getAttribute("href") ?? "/favicon.ico";
    return {
      paintMs: paint.startTime - navigation.responseStart,
      blocking: resources.filter((one) => one.renderBlockingStatus === "blocking").length,
      shift: window.shift,
      icon: new URL(icon, location.href).href,
      fetched: [location.href, ...resources.map((one) => one.name)],
    };
  });
  // If the page shows the icon too, the browser has fetched it already.
  if (fetchIcon && !fetched.includes(icon)) {
    await (await fetch(icon)).arrayBuffer();
    fetched.push(icon);
  }
  await page.close();
  return { ...seen, files: fetched.length, kb: line.bytes() / 1_000 };
}

/** Signs in for the first time and once more, without a cache, and returns the layout shift of each page on the way. */
async function walk(viewport) {
  const person = await newPerson(viewport);
  const page = await person.newPage();
  const devTools = await person.newCDPSession(page);
  await devTools.send("Network.setCacheDisabled", { cacheDisabled: true });
  const shifts = [];
  const arrive = async (way) => {
    await Promise.all([page.waitForEvent("load"), way()]);
    await page.waitForLoadState("networkidle");
    shifts.push(await page.evaluate(() => window.shift));
  };
  const press = (button) => arrive(() => page.click(button));
  const givePassword = async () => {
    await arrive(() => page.goto(`${lines.Latchkey.origin}/login`));
    await page.fill("#username", nameFor(viewport));
    await page.fill("#password", PASSWORD);
    await press("main button[type=submit]");
  };
  await givePassword();
  const secret = fromBase32((await page.textContent("#key")).replaceAll(" ", ""));
  await page.fill("#otp", totpAt(secret, Date.now() / 1_000));
  await press("main form:has(#otp) button[type=submit]");
  await press('form[action$="/later"] button[type=submit]');
  await press("header button[type=submit]");
  await givePassword();
  if ((await page.locator("#trust_device").count()) !== 1) throw new Error("This is not the code page.");
  await person.close();
  return shifts;
}

function addAccount(name) {
  execFileSync(process.execPath, [path.join(root, "dist/cli.js"), "account", "add", name], {
    env: { ...env, BASE_URL: "http://127.0.0.1", PATH: process.env.PATH },
    input: `${PASSWORD}\n`,
    stdio: ["pipe", "ignore", "ignore"],
  });
}

function nameFor({ width }) {
  return `at-${width}-pixels`;
}
