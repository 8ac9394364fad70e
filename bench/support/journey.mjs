/** Performs complete sign-ins as browsers do: reads forms from pages, keeps cookies, follows redirects, computes codes. */
import { createHmac } from "node:crypto";
import { Client } from "undici";
import { percentiles } from "./load.mjs";

/**
 * The sign-in of each product, request by request. `get` requests a path. `form` submits the form on the previous page with
 * these fields and its hidden ones, to that page's own path. `post` and `json` send a request to an API. `follow` follows the
 * previous answer's redirect. Each answer must have the given status and, if `shows` is given, contain that text.
 */

/** Latchkey's sign-in; the landing page shows a flash message. */
export const LATCHKEY = [
  { get: "/login", status: 200 },
  { form: ({ username, password }) => ({ username, password }), status: 303 },
  { follow: true, status: 200 },
  { form: ({ secret }) => ({ otp: codeOf(secret) }), status: 303 },
  { follow: true, status: 200, shows: "You are signed in." },
];

/** The naive port's sign-in: the code is for the secret on its page, and the page says whether it was right. */
export const NAIVE_PORT = [
  { get: "/login", status: 200 },
  { form: ({ username, password }) => ({ username, password }), status: 302 },
  { follow: true, status: 200 },
  { form: (_person, { secret }) => ({ otp: codeOf(fromBase32(secret)) }), status: 302 },
  { follow: true, status: 200, shows: "The TOTP 2FA token is valid" },
];

/** better-auth's sign-in: the API has no pages, so in place of a page it requests who is signed in, as a page would. */
export const BETTER_AUTH = [
  { get: "/api/auth/get-session", status: 200, shows: "null" },
  {
    post: "/api/auth/sign-in/email",
    json: ({ email, password }) => ({ email, password }),
    status: 200,
    shows: "twoFactorRedirect",
  },
  { get: "/api/auth/get-session", status: 200, shows: "null" },
  {
    post: "/api/auth/two-factor/verify-totp",
    json: ({ secret }) => ({ code: codeOf(secret) }),
    status: 200,
  },
  { get: "/api/auth/get-session", status: 200, shows: '"session":' },
];

/**
 * Signs people in, several at a time over keep-alive connections, each person as a separate browser.
 * @param next returns the next { username, password, secret }; each person may use a time step once
 * @returns perSecond, p50 and p99 (ms) of complete sign-ins, and their number
 * @throws Error when an answer is not the expected one
 */
export async function journeys(origin, steps, next, { atOnce = 8, seconds = 4 } = {}) {
  const took = [];
  const began = performance.now();
  const until = began + seconds * 1_000;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const connection = connect(origin);
      while (performance.now() < until) {
        const start = performance.now();
        await journey(connection, steps, next());
        took.push(performance.now() - start);
      }
      await connection.client.close();
    }),
  );
  const perSecond = took.length / ((performance.now() - began) / 1_000);
  return { perSecond, ...percentiles(took), count: took.length };
}

export function connect(origin) {
  return { origin, client: new Client(origin, { pipelining: 1 }) };
}

/** Performs one person's complete sign-in. @returns the browser's cookies at the end, as a header */
export async function journey(connection, steps, person) {
  const cookies = new Map();
  let last = { path: "/", body: "", location: undefined };
  for (const step of steps) {
    const answer = await send(connection, requestOf(step, last, person), cookies);
    const path = `${answer.method} ${answer.path}`;
    if (answer.status !== step.status) throw new Error(`${path}: ${answer.status}, not ${step.status}.`);
    if (step.shows && !answer.body.includes(step.shows))
      throw new Error(`${path} does not say: ${step.shows}`);
    last = answer;
  }
  return headerOf(cookies);
}

/** The current code (RFC 6238): six digits, SHA-1, 30 seconds. */
export function codeOf(secret, now = Date.now()) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

function fromBase32(text) {
  const bits = [...text].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function requestOf(step, last, person) {
  if (step.get) return { method: "GET", path: step.get };
  if (step.follow) return { method: "GET", path: pathIn(last.location) };
  if (step.json) {
    return {
      method: "POST",
      path: step.post,
      type: "application/json",
      body: JSON.stringify(step.json(person)),
    };
  }
  const hidden = hiddenFields(last.body);
  const fields = new URLSearchParams({ ...hidden, ...step.form(person, hidden) });
  return {
    method: "POST",
    path: last.path,
    type: "application/x-www-form-urlencoded",
    body: fields.toString(),
  };
}

/** The path of a redirect; servers may send a path or an address. */
function pathIn(location) {
  const { pathname, search } = new URL(location, "http://127.0.0.1");
  return pathname + search;
}

function hiddenFields(page) {
  const fields = {};
  for (const [input] of page.matchAll(/<input\b[^>]*\btype="hidden"[^>]*>/g)) {
    fields[/\bname="([^"]*)"/.exec(input)?.[1]] = /\bvalue="([^"]*)"/.exec(input)?.[1] ?? "";
  }
  return fields;
}

function send({ client, origin }, { method, path, type, body }, cookies) {
  // The headers of a browser on a page of the same site.
  const headers = { "user-agent": BROWSER, "sec-fetch-site": "same-origin" };
  if (cookies.size > 0) headers.cookie = headerOf(cookies);
  if (method === "POST") Object.assign(headers, { origin, "content-type": type });
  return new Promise((resolve, reject) => {
    const answer = { method, path, status: 0, location: undefined, body: "" };
    const chunks = [];
    client.dispatch(
      { method, path, headers, body },
      {
        onConnect() {},
        onHeaders(status, raw) {
          answer.status = status;
          readHeaders(raw, answer, cookies);
          return true;
        },
        onData: (chunk) => chunks.push(chunk) > 0,
        onComplete: () => resolve(Object.assign(answer, { body: Buffer.concat(chunks).toString() })),
        onError: reject,
      },
    );
  });
}

const BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/** Reads the redirect and the cookies from an answer's headers, a list of alternating names and values. */
function readHeaders(raw, answer, cookies) {
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index].toString().toLowerCase();
    if (name === "location") answer.location = raw[index + 1].toString();
    if (name === "set-cookie") keep(cookies, raw[index + 1].toString());
  }
}

/** Whether a Set-Cookie header deletes its cookie: it has no value or has expired. */
function keep(cookies, line) {
  const [pair] = line.split(";", 1);
  const end = pair.indexOf("=");
  const [name, value] = [pair.slice(0, end), pair.slice(end + 1)];
  if (value === "" || /;\s*max-age=0\b|;\s*expires=thu, 01 jan 1970/i.test(line)) cookies.delete(name);
  else cookies.set(name, value);
}

function headerOf(cookies) {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}
