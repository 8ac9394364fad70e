/** Whole sign-ins, as browsers make them: forms read out of pages, cookies kept, redirects followed, codes computed. */
import { createHmac } from "node:crypto";
import { Client } from "undici";
import { percentiles } from "./load.mjs";

/**
 * What each product asks for, step by step. `get` is a path; `form` gives the fields of the form on the page before, whose
 * hidden ones go along, and is sent to that page's own path; `post` and `json` do the same to an API; `follow` goes where the
 * answer before has led. Each step has the status that it must have and, where `shows` stands, a text that must be there.
 */

/** Latchkey's way in; its landing page is greeted on by a flashed message. */
export const LATCHKEY = [
  { get: "/login", status: 200 },
  { form: ({ username, password }) => ({ username, password }), status: 303 },
  { follow: true, status: 200 },
  { form: ({ secret }) => ({ otp: codeOf(secret) }), status: 303 },
  { follow: true, status: 200, shows: "You are signed in." },
];

/** The naive port's: the code is one for the secret that its page shows, and the page says whether it was right. */
export const NAIVE_PORT = [
  { get: "/login", status: 200 },
  { form: ({ username, password }) => ({ username, password }), status: 302 },
  { follow: true, status: 200 },
  { form: (_person, { secret }) => ({ otp: codeOf(fromBase32(secret)) }), status: 302 },
  { follow: true, status: 200, shows: "The TOTP 2FA token is valid" },
];

/** better-auth's: an API has no pages, so where there would be one it is asked who is signed in, as a page would ask. */
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
 * Signs people in, several at a time over connections that stay open, each person as a browser of their own.
 * @param next gives the { username, password, secret } whose turn it is; a person may have each time step once
 * @returns perSecond, p50 and p99 (ms) of whole journeys, and how many there were
 * @throws Error when a step is answered otherwise than it should be
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

/** One person's whole way in. @returns the cookies that the browser ends with, as a header */
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

/** The code of this moment (RFC 6238): six digits, SHA-1, 30 seconds. */
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

/** Servers may redirect by a path or by an address. */
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
  // As a browser does from a page of the same site.
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

/** Names and values in turn. */
function readHeaders(raw, answer, cookies) {
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index].toString().toLowerCase();
    if (name === "location") answer.location = raw[index + 1].toString();
    if (name === "set-cookie") keep(cookies, raw[index + 1].toString());
  }
}

/** A cookie that is taken back comes without a value, or expired. */
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
