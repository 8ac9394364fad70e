/**
 * Requests with which a stranger could keep a server busy, by kind: as long as the server accepts, with the most expensive
 * bytes.
 */

/** Sizes just below the limits of a body and of all headers. */
const KB = 1_024;
const HEADER = 8 * KB;

const FORM = { "content-type": "application/x-www-form-urlencoded" };
/** Combining marks in descending order of class: NFC normalisation must move each past all others. */
const MARKS = [
  ..."\u0345\u035d\u035c\u0315\u0313\u059a\u0316\u031b\u0321\u0711\u0670\u0652\u0651\u0650\u064f\u064e\u064d\u064c",
  ..."\u064b\u05c2\u05c1\u05bf\u05bd\u05bc\u05bb\u05b9\u05b8\u05b7\u05b6\u05b5\u05b4\u05b3\u05b2\u05b1\u05b0\u0334",
];
const FULL_WIDTH = "\uff11";
/** An invisible character (Cf). */
const JOINER = "\u200d";

const bytes = (text) => Buffer.byteLength(text);
const filled = (text, size) => text.repeat(Math.floor(size / bytes(text)));
/** Encodes a text for a header: the client sends each character as one byte. */
const raw = (text) => Buffer.from(text).toString("latin1");
/** Unencoded, because raw bytes take a third of the space of %E4%B8%AD. */
const form = (fields) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");

function marks(size) {
  return MARKS.map((mark) => filled(mark, size / MARKS.length)).join("");
}

/** Different characters, because Punycode scans all of them for each new one. */
function chinese(size) {
  const characters = Array.from({ length: Math.floor(size / 3) }, (_, n) => 0x4e00 + ((n * 7_919) % 20_000));
  return String.fromCodePoint(...characters);
}

/**
 * @param holder { username, session, pending, cookie, forward, asset }: a user name that no one has tried yet, cookie headers
 * of a session   and of a pending login, the names of our two cookies, and the path of an asset
 * @returns name → { path, method, headers, body }
 */
export function hostileInputs({ username, session, pending, cookie, forward, asset }) {
  const post = (path, body, headers = {}) => ({
    path,
    method: "POST",
    headers: { ...FORM, ...headers },
    body,
  });
  const get = (path, headers = {}) => ({ path, method: "GET", headers });
  const signIn = (fields) => post("/login", form({ username, password: "not the password", ...fields }));
  const inside = { cookie: session };
  const behind = { cookie: pending };
  const verify = (headers) => get("/auth/verify?redirect=1", headers);
  const page = "https://app.example.org/";
  const host = (size) => `https://${chinese(size)}`;
  const times = (count, make) => Array.from({ length: count }, (_, n) => make(n)).join("");

  return {
    "next, 5,000 Chinese characters in the host, POST /login": signIn({ next: host(15_000) }),
    "next, 1,700 Chinese characters in the host, GET /login": get(
      `/login?next=${encodeURIComponent(host(5_100)).slice(0, 14_000)}`,
    ),
    "next, 4,000 bytes in the host, POST /login": signIn({ next: host(3_990) }),
    "next, combining marks in the host, POST /login": signIn({ next: `https://x${marks(15_000)}` }),
    "next, 4,000 bytes of %41 in a path, POST /login": signIn({
      next: encodeURIComponent(`/${filled("%41", 1_330)}`),
    }),
    "next, 4,000 bytes of /../, POST /login": signIn({ next: `/${filled("x/../", 3_990)}` }),
    "next, 16 KB of dots in the host, POST /login": signIn({ next: `https://${filled("a.", 15_500)}` }),
    "next, 16 KB of xn--, POST /login": signIn({ next: `https://xn--${filled("a", 15_000)}` }),
    "next, 16 KB of digits in the host, POST /login": signIn({ next: `https://${filled("9", 15_000)}` }),
    "next, 16 KB of @, POST /login": signIn({ next: `https://${filled("@", 15_000)}` }),
    "password, 16 KB of combining marks": signIn({ password: marks(15_900) }),
    "password, 60 KB of combining marks": signIn({ password: marks(60_000) }),
    "password, 1,024 combining marks": signIn({ password: marks(2_048) }),
    "password, 1,024 Chinese characters": signIn({ password: chinese(3 * 1_024) }),
    "password, 2,046 letters": signIn({ password: filled("x", 2_046) }),
    "current password, 16 KB of combining marks": post(
      "/account/password",
      form({ current_password: marks(15_000), new_password: "x" }),
      inside,
    ),
    "new password, 16 KB of combining marks": post(
      "/account/password",
      form({ current_password: "x", new_password: marks(15_000) }),
      inside,
    ),
    "new password, 1,024 letters to be judged": post(
      "/account/password",
      form({ current_password: "x", new_password: filled("p@ssw0rd1qaz", 1_024) }),
      inside,
    ),
    "password at step-up, 16 KB of combining marks": post(
      "/confirm",
      form({ password: marks(15_000), otp: "123456" }),
      inside,
    ),
    "username, 16 KB of letters": signIn({ username: filled("a", 15_500) }),
    "username, 16 KB of combining marks": signIn({ username: marks(15_500) }),
    "username, 16 KB of \u0130": signIn({ username: filled("\u0130", 15_500) }),
    "50 form parameters": post("/login", times(50, (n) => `p${n}=${filled("%41", 300)}&`).slice(0, 16_000)),
    "4,000 form parameters": post("/login", filled("a=b&", 16_000)),
    "form parameters of brackets": post("/login", filled("a[b][c]=1&", 16_000)),
    "deep percent-encoding in a form": signIn({ next: filled("%25", 15_000) }),
    "broken percent-encoding in a form": signIn({ next: filled("%", 15_000) }),
    "JSON in place of a form": post("/login", `{"a":${"[".repeat(7_000)}${"]".repeat(7_000)}}`, {
      "content-type": "application/json",
    }),
    "content type of 8 KB": post("/login", "a=b", {
      "content-type": `application/x-www-form-urlencoded;${filled(" charset=x;", HEADER)}`,
    }),
    "multipart form": post("/login", filled("--x\r\n", 16_000), {
      "content-type": "multipart/form-data; boundary=x",
    }),
    "code, 16 KB of full-width digits": post("/login/2fa", form({ otp: filled(FULL_WIDTH, 15_500) }), behind),
    "code, 16 KB of invisible characters": post("/login/2fa", form({ otp: filled(JOINER, 15_500) }), behind),
    "code, 16 KB of spaces": post("/login/2fa", form({ otp: filled("+", 15_500) }), behind),
    "code, 16 KB of combining marks": post("/login/2fa", form({ otp: marks(15_500) }), behind),
    "recovery code, 16 KB of full-width digits": post(
      "/login/recovery-code",
      form({ recovery_code: filled(FULL_WIDTH, 15_500) }),
      behind,
    ),
    "recovery code, 16 KB of invisible characters": post(
      "/login/recovery-code",
      form({ recovery_code: filled(JOINER, 15_500) }),
      behind,
    ),
    "recovery code, 16 KB of dashes": post(
      "/login/recovery-code",
      form({ recovery_code: filled("-", 15_500) }),
      behind,
    ),
    "authenticator's name, 16 KB of combining marks": post(
      "/account/authenticators/new",
      form({ name: marks(15_500), otp: "12345" }),
      inside,
    ),
    "authenticator's name, 16 KB of invisible characters": post(
      "/account/authenticators/new",
      form({ name: filled(JOINER, 15_500), otp: "12345" }),
      inside,
    ),
    "authenticator's name, 16 KB of emoji families": post(
      "/account/authenticators/new",
      form({ name: filled("\u{1f468}\u200d", 15_500), otp: "12345" }),
      inside,
    ),
    "1,000 cookies of our name, /auth/verify": verify({
      cookie: times(1_000, (n) => `${cookie}=${n % 10};`).slice(0, 15_500),
      "x-original-url": page,
    }),
    "cookies of our name, 15 KB, /auth/verify": verify({
      cookie: filled(`${cookie}=;`, 15_000),
      "x-original-url": page,
    }),
    "cookies of the forward name, 15 KB, /auth/verify": verify({
      cookie: filled(`${forward}=;`, 15_000),
      "x-original-url": page,
    }),
    "forward cookies as if signed, 15 KB, /auth/verify": verify({
      cookie: filled(`${forward}=s:a.b;`, 15_000),
      "x-original-url": page,
    }),
    "3,000 cookies, /auth/verify": verify({ cookie: filled("a=;", 9_000), "x-original-url": page }),
    "2,000 cookies, /account": get("/account", { cookie: `${session}; ${filled("b=;", 6_000)}` }),
    "cookies of percent-encoding, 14 KB, /account": get("/account", {
      cookie: `${session}; ${filled("%41", 14_000)}=1`,
    }),
    "X-Original-URL of 8 KB, raw UTF-8 path": verify({
      "x-original-url": raw(`${page}${chinese(HEADER)}`),
    }),
    "X-Original-URL of 8 KB, raw UTF-8 host": verify({ "x-original-url": raw(host(HEADER)) }),
    "X-Original-URL of 8 KB, query of our own": verify({
      "x-original-url": `${page}?${filled("a=%25&", HEADER)}`,
    }),
    "X-Forwarded-Host of 8 KB": verify({
      "x-forwarded-proto": "https",
      "x-forwarded-host": raw(chinese(HEADER)),
      "x-forwarded-uri": "/",
    }),
    "X-Forwarded-For, 1,000 hops": {
      ...signIn({}),
      headers: {
        ...FORM,
        "x-forwarded-for": `${times(1_000, (n) => `127.0.0.${n % 250},`)}192.0.2.1`,
      },
    },
    "X-Forwarded-For, 8 KB that are no addresses": {
      ...signIn({}),
      headers: { ...FORM, "x-forwarded-for": filled("1.", HEADER) },
    },
    "User-Agent of 8 KB": {
      ...signIn({}),
      headers: { ...FORM, "user-agent": filled("Mozilla/5.0 (", HEADER) },
    },
    "User-Agent of 8 KB of digits, GET /account": get("/account", {
      cookie: session,
      "user-agent": `Version/${filled("1", HEADER)}`,
    }),
    "Referer of 8 KB": { ...signIn({}), headers: { ...FORM, referer: filled("https://x/", HEADER) } },
    "Origin of 8 KB, Chinese": { ...signIn({}), headers: { ...FORM, origin: raw(host(HEADER)) } },
    "Host of 8 KB, Chinese": get("/login", { host: raw(chinese(HEADER)) }),
    "Accept of 8 KB, many commas": get("/auth/verify", { accept: filled("a/b;q=0.1,", HEADER) }),
    "Accept of 8 KB, /no-such-page": get("/no-such-page", { accept: filled("a/b;q=0.1,", HEADER) }),
    "Accept-Encoding of 8 KB, an asset": get(asset, { "accept-encoding": filled("a;q=0.1,", HEADER) }),
    "Accept-Language of 8 KB": get("/login", { "accept-language": filled("aa;q=0.1,", HEADER) }),
    "Range of 8 KB, an asset": get(asset, { range: `bytes=${filled("0-,", HEADER)}` }),
    "If-None-Match of 8 KB, an asset": get(asset, { "if-none-match": filled('"a",', HEADER) }),
    "path of 8 KB of %2F": get(`/${filled("%2F", HEADER)}`),
    "path of 8 KB of slashes": get(`/${filled("a/", HEADER)}`),
    "path of 8 KB of slashes, /login": get(`/login${filled("/", HEADER)}`),
    "path of 8 KB of %25": get(`/${filled("%25", HEADER)}`),
    "path of 8 KB in /assets": get(`/assets/${filled("..%2f", HEADER)}`),
    "path of 8 KB in an authenticator's id": post(
      `/account/authenticators/${filled("%41", HEADER)}/rename`,
      "name=x",
      inside,
    ),
    "query of 1,000 parameters, GET /login": get(`/login?${times(1_000, (n) => `p${n}=1&`)}`),
    "query of 1,000 next, GET /login": get(`/login?${filled("next=/&", 7_000)}`),
    "query of brackets, GET /login": get(`/login?${filled("a[]=1&", 12_000)}`),
    "query of 1,000 methods, /auth/verify": get(`/auth/verify?${filled("methods=totp&", 13_000)}`, inside),
    "query of one long methods, /auth/verify": get(`/auth/verify?methods=${filled("totp,", 13_000)}`, inside),
    "sheet of 16 KB of digits": post("/account/recovery-codes", form({ sheet: filled("9", 15_500) }), inside),
  };
}
