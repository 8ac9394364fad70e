import { AxeBuilder } from "@axe-core/playwright";
import { it } from "vitest";
import { addAuthenticator } from "../support/account-page.js";
import { browserOfThisFile, openPage, signInByCode, signInWith } from "../support/browser.js";
import { setUp, signIn } from "../support/sign-in.js";
import { HOUR, MINUTE, openWorld } from "../support/world.js";

const browser = browserOfThisFile();
const UA = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
];
it("shots", async () => {
  const world = await openWorld({ RESYNC: "on" });
  world.advance(Date.now() - world.now() - 26 * HOUR);
  const first = world.visitor({ "User-Agent": UA[0]! });
  const secret = await setUp(world, first);
  const s2 = await addAuthenticator(world, first, "Pixel 9");
  await addAuthenticator(world, first, "KeePassXC on the office laptop");
  world.advance(25.4 * HOUR);
  const stranger = world.visitor({ "User-Agent": "curl/8.1" });
  await stranger.password("test", "wrong");
  await stranger.password();
  for (const c of ["000000", "000001"]) {
    await stranger.code(c);
    world.advance(MINUTE);
  }
  for (const ua of UA) {
    const v = world.visitor({ "User-Agent": ua });
    await v.password();
    const a = await v.code(world.code(s2), { trust_device: "on" });
    if (a.status !== 303) throw new Error(String(a.status));
    world.advance(MINUTE);
  }
  const page = await openPage(browser(), world.address, {
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
  });
  await page.goto("/login");
  await signInWith(page, "password");
  await signInByCode(page, world, secret);
  world.advance(MINUTE);
  await signIn(world, world.visitor({ "User-Agent": UA[1]! }), secret);
  for (let i = 0; i < 4; i++) {
    await stranger.code(`00001${i}`);
    world.advance(20_000);
  }
  const shot = async (name: string, path: string) => {
    for (const [size, width, height] of [
      ["d", 1280, 800],
      ["p", 390, 664],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(path);
        if (name.includes("flash")) {
        }
        const h = await page.evaluate("document.documentElement.scrollHeight");
        const words = await page.evaluate("document.querySelector('main').innerText.split(/\\s+/).length");
        const active = await page.evaluate(
          "document.activeElement.id + ' ' + Math.round(document.activeElement.getBoundingClientRect().top)",
        );
        const axe = await new AxeBuilder({ page })
          .setLegacyMode()
          .options({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
          .analyze();
        console.log(
          name,
          size,
          colorScheme,
          h,
          words,
          active,
          axe.violations.map((v) => [v.id, v.nodes[0]?.html]),
        );
        await page.screenshot({ path: `/tmp/acc-shots/${name}--${size}-${colorScheme}.png`, fullPage: true });
      }
    }
    await page.setViewportSize({ width: 320, height: 664 });
    console.log(name, 320, await page.evaluate("document.documentElement.scrollWidth"));
  };
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.screenshot({ path: `/tmp/acc-shots/home.png`, fullPage: true });
  await shot("account", "/account");
  const id = /rename=([\w-]+)/.exec(await page.content())?.[1];
  await shot("rename", `/account?rename=${id}`);
  await shot("check", "/account?check=copy");
  await shot("history", "/account/history");
  await shot("problems", "/account/history?show=problems");
  await page.goto(`/account?rename=${id}`);
  await page.setViewportSize({ width: 390, height: 664 });
  await page.getByLabel(/^New name/).fill("");
  await page.getByRole("button", { name: /^Save/ }).click();
  await page.waitForLoadState();
  await page.screenshot({ path: "/tmp/acc-shots/refused--p.png" });
  const off = await openPage(browser(), world.address, {
    javaScriptEnabled: false,
    viewport: { width: 1280, height: 800 },
    colorScheme: "light",
  });
  await off.context().addCookies(await page.context().cookies());
  await off.goto("/account");
  await off.screenshot({ path: "/tmp/acc-shots/account--noscript.png", fullPage: true });
  await off.goto("/account/history");
  await off.screenshot({ path: "/tmp/acc-shots/history--noscript.png", fullPage: true });
}, 200_000);
