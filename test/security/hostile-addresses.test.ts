/** Hostile addresses: their raw length is checked before they are parsed, and addresses up to the limit are kept. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BEHIND_A_PROXY, sentTo, verify, WANTED, withNext } from "../support/forward.js";
import { openHost } from "../support/host.js";
import fc from "../support/properties.js";
import { type Answer, ask, form } from "../support/raw-request.js";
import { enrolled } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const MAX = 4_000;

/** Each kind of character, and how many bytes one has in an address. */
const KINDS: [kind: string, text: string, bytes: number][] = [
  ["ASCII", "x", 1],
  ["percent signs", "%41", 3],
  ["Latin", "\u00e9", 6],
  ["Japanese", "\u65e5", 9],
  ["half a surrogate pair", "\ud83d", 9],
  ["emoji", "\u{1f600}", 12],
];

const STARTS = [
  ["a path", "/"],
  ["an app's page", "http://app.example.org/"],
  ["an app's query", "http://wiki.example.org:8443/a?b="],
] as const;

/** `start`, followed by as much of a kind as fits into exactly this many bytes, padded with ASCII. */
function ofLength(bytes: number, start: string, text: string, each: number): string {
  const room = bytes - start.length;
  return start + text.repeat(Math.floor(room / each)) + "x".repeat(room % each);
}

/** The `next` in a page's form. */
function nextIn({ text }: Pick<Answer, "text">): string | undefined {
  return /name="next" value="([^"]*)"/.exec(text)?.[1]?.replaceAll("&amp;", "&");
}

const shown = (world: World, next: string) =>
  ask(world, { path: `/login${withNext(Buffer.from(next).toString())}` });

describe("an address to return to", () => {
  it.each(KINDS)(
    "is kept with %s up to 4,000 encoded bytes, and dropped when longer",
    async (_kind, text, each) => {
      const world = await openWorld(BEHIND_A_PROXY);
      for (const [what, start] of STARTS) {
        for (const bytes of [MAX - 13, MAX - 1, MAX, MAX + 1, MAX + 13]) {
          const next = ofLength(bytes, start, text, each);
          const kept = nextIn(await shown(world, next));
          const said = `${what} of ${bytes} bytes`;
          if (bytes > MAX) expect(kept, said).toBeUndefined();
          else expect([said, kept?.length, kept?.startsWith(start)]).toEqual([said, bytes, true]);
        }
      }
    },
  );

  it("stays whole from the proxy's request to the app's page, raw UTF-8 too", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const secret = await enrolled(world);
    for (const [kind, text, each] of KINDS.filter(([kind]) => !kind.startsWith("half"))) {
      const wanted = ofLength(MAX, "http://app.example.org/", text, each);
      const raw = Buffer.from(wanted).toString("latin1");
      const uri = raw.slice("http://app.example.org".length);
      const parts = {
        "x-forwarded-proto": "http",
        "x-forwarded-host": "app.example.org",
        "x-forwarded-uri": uri,
      };
      const location = await sentTo(world, { wanted: raw });
      expect(await sentTo(world, { headers: parts }), kind).toBe(location);
      const next = new URL(location ?? "").searchParams.get("next") ?? "";
      expect([kind, next.length, decodeURI(next)]).toEqual([kind, MAX, decodeURI(wanted)]);

      const visitor = world.visitor();
      await visitor.password("test", "password", { next });
      const back = await visitor.code(world.code(secret));
      expect([kind, back.headers.location]).toEqual([kind, next]);
      world.advance(30_000);
    }
  });

  it("never exceeds the limit, whatever is sent", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const pieces = fc.constantFrom(
      "a",
      "/",
      "%",
      " ",
      '"',
      "\u00e9",
      "\u65e5",
      "\u{1f600}",
      "..",
      "\\",
      "#",
      "?",
    );
    const texts = fc.array(fc.tuple(pieces, fc.integer({ min: 1, max: 900 })), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...STARTS), texts, async ([, start], parts) => {
        const next = start + parts.map(([piece, times]) => piece.repeat(times)).join("");
        const bytes = [...next].reduce((sum, c) => sum + (c < "\x80" ? 1 : 3 * Buffer.byteLength(c)), 0);
        const { status, text } = await ask(world, {
          path: "/login",
          ...form({ username: "x", password: "x", next }),
        });
        expect([401, 413, 429]).toContain(status);
        const kept = nextIn({ text });
        if (bytes > MAX) expect(kept).toBeUndefined();
        expect(kept?.length ?? 0).toBeLessThanOrEqual(MAX);
      }),
      { numRuns: 40 },
    );
  });
});

describe("the URL parser", () => {
  const CHINESE = Array.from({ length: 5_000 }, (_, n) => String.fromCharCode(0x4e00 + n)).join("");
  const LATIN = "\u00e9\u00e8\u00fc".repeat(4_000);

  /** Records what the parser is given during some work. */
  async function parsedDuring(work: () => Promise<unknown>): Promise<number[]> {
    const lengths: number[] = [];
    const RealUrl = globalThis.URL;
    class CountingUrl extends RealUrl {
      constructor(text: string | URL, base?: string | URL) {
        lengths.push(String(text).length);
        super(text, base);
      }
      static override canParse(text: string, base?: string): boolean {
        lengths.push(text.length);
        return RealUrl.canParse(text, base);
      }
    }
    globalThis.URL = CountingUrl;
    try {
      await work();
    } finally {
      globalThis.URL = RealUrl;
    }
    return lengths;
  }

  const HOSTILE: [field: string, request: Parameters<typeof ask>[1]][] = [
    ["next", { path: `/login?next=https://${"%E4%B8%AD".repeat(1_500)}/` }],
    [
      "next in a form",
      {
        path: "/login",
        ...form({ username: "x", password: "x", next: `https://${CHINESE.slice(0, 1_500)}/` }),
      },
    ],
    ["next of ASCII", { path: `/login?next=/${"x".repeat(12_000)}` }],
    ["next of dots", { path: `/login?next=/${"a/../".repeat(2_500)}` }],
    ["next at the start page", { path: `/?next=https://${"%E4%B8%AD".repeat(1_500)}/` }],
    ["next of signing out", { path: `/logout?next=https://${"%E4%B8%AD".repeat(1_500)}/` }],
    ["a page of ours", { path: `/account/${"x".repeat(14_000)}` }],
    ["Host", { path: "/login", headers: { host: LATIN } }],
    ["Origin", { path: "/login", ...form({ username: "x" }, { origin: `https://${LATIN}` }) }],
    ["Referer", { path: "/login", ...form({ username: "x" }, { referer: `https://${LATIN}` }) }],
    [
      "X-Original-URL",
      { path: "/auth/verify?redirect=1", headers: { "x-original-url": `https://${LATIN}/` } },
    ],
    [
      "X-Original-URL of ASCII",
      {
        path: "/auth/verify?redirect=1",
        headers: { "x-original-url": `https://app.example.org/${"x".repeat(12_000)}` },
      },
    ],
    [
      "X-Forwarded-Host",
      {
        path: "/auth/verify?redirect=1",
        headers: { "x-forwarded-proto": "https", "x-forwarded-host": LATIN, "x-forwarded-uri": "/" },
      },
    ],
    [
      "X-Forwarded-Uri",
      {
        path: "/auth/verify?redirect=1",
        headers: {
          "x-forwarded-proto": "http",
          "x-forwarded-host": "app.example.org",
          "x-forwarded-uri": `/${LATIN}`,
        },
      },
    ],
  ];

  it.each(HOSTILE)("gets nothing above the limit from %s", async (_field, request) => {
    const world = await openWorld(BEHIND_A_PROXY);
    for (const env of [{}, { BASE_URL: "", ALLOWED_HOSTS: "", COOKIE_DOMAIN: "", DEMO: "" }]) {
      const other = await openWorld({ ...BEHIND_A_PROXY, ...env });
      const lengths = await parsedDuring(() => ask(other, request));
      expect(lengths.filter((length) => length > MAX + 20)).toEqual([]);
    }
    const lengths = await parsedDuring(() => ask(world, request));
    // One of them is for the log line.
    expect(lengths.length).toBeLessThanOrEqual(4);
  });

  it("gets no part of a long Referer in an app that Latchkey guards", async () => {
    const host = await openHost((app, latchkey) => {
      app.use(latchkey.router);
      app.use(latchkey.requireSession());
    });
    const sent = (referer: string) => ask(host, { path: "/form", ...form({ a: "b" }, { referer }) });
    const lengths = await parsedDuring(() => sent(`http://127.0.0.1:${host.port}/${"x".repeat(9_000)}`));
    expect(lengths.filter((length) => length > MAX)).toEqual([]);
    const { headers } = await sent(`http://127.0.0.1:${host.port}/page?a=b`);
    expect(headers.location).toContain(encodeURIComponent("/page?a=b"));
  });

  it("gets a `next` once per request", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const next = `http://app.example.org/${"y".repeat(300)}`;
    for (const request of [
      { path: `/login${withNext(next)}` },
      { path: "/login", ...form({ username: "nobody", password: "wrong", next }) },
      { path: "/auth/verify?redirect=1", headers: { "x-original-url": next } },
    ]) {
      const lengths = await parsedDuring(() => ask(world, request));
      expect(
        lengths.filter((length) => length >= next.length),
        request.path,
      ).toHaveLength(1);
    }
  });

  it("is called in one file, which checks the length first", () => {
    const folder = new URL("../../src/web/", import.meta.url);
    const files = readdirSync(folder, { encoding: "utf8", recursive: true }).filter((file) =>
      file.endsWith(".ts"),
    );
    expect(files.length).toBeGreaterThan(40);
    const parsing = files.filter((file) =>
      /new URL\(|canParse|URL\.parse|domainTo/.test(readFileSync(new URL(file, folder), "utf8")),
    );
    expect(parsing).toEqual(["http/url.ts"]);
  });
});

describe("the log", () => {
  it("names the reason when a `next` is dropped, and holds nothing when it is kept", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const warnings = async (wanted: string, env: World = world) => {
      env.logLines.length = 0;
      expect((await verify(env, { query: "redirect=1", wanted })).status).toBe(302);
      return env.logLines
        .map((line) => JSON.parse(line))
        .flatMap(({ level, msg }) => (level === 40 ? [msg] : []));
    };
    expect(await warnings(WANTED)).toEqual([]);
    expect(await warnings("http://other.example.org/x")).toEqual([
      "people are not sent back to other.example.org: it is not in ALLOWED_HOSTS",
    ]);
    expect(await warnings(`http://app.example.org/${"x".repeat(MAX)}`)).toEqual([
      "people are not sent back to a page of app.example.org: its address is longer than 4000 bytes",
    ]);
    expect(
      await warnings(Buffer.from(`http://wiki.example.org:8443/${"\u65e5".repeat(600)}`).toString("latin1")),
    ).toEqual([
      "people are not sent back to a page of wiki.example.org:8443: its address is longer than 4000 bytes",
    ]);
    expect(await warnings("/account")).toEqual([
      expect.stringContaining("whose address is malformed: see what the proxy sets"),
    ]);
    const narrow = await openWorld({ ...BEHIND_A_PROXY, COOKIE_DOMAIN: "" });
    expect(await warnings(WANTED, narrow)).toEqual([
      expect.stringMatching(
        /^people are not sent back to app\.example\.org: our cookies do not reach it; COOKIE_DOMAIN/,
      ),
    ]);
  });
});
