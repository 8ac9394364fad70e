/** Measures how long one request stalls others, and the effect of twenty such requests a second. */
import { Client } from "undici";
import { ask, percentiles } from "./load.mjs";
import { openLoop } from "./open-loop.mjs";

const PER_SECOND = 20;
/** How long probes run, and when during that time the request is sent; the first probes open connections. */
const WINDOW_SECONDS = 0.4;
const SENT_AFTER_MS = 150;
const SETTLES_MS = 20;

let sent = 0;
/** Headers of a proxy: an address of its own, so that the throttle refuses no request, and https. */
function fromElsewhere(request) {
  sent++;
  const address = `10.${(sent >> 16) & 255}.${(sent >> 8) & 255}.${sent & 255}`;
  const { headers, ...rest } = typeof request === "function" ? request(sent) : request;
  return { ...rest, headers: { "x-forwarded-for": address, "x-forwarded-proto": "https", ...headers } };
}

/** Sends a request over a new connection; a cut connection counts as status 0. */
async function sendAlone(origin, request) {
  const client = new Client(origin, { pipelining: 1 });
  const status = await ask(client, fromElsewhere(request)).catch(() => 0);
  await client.close();
  return status;
}

/**
 * Measures the longest wait of a probe while the server answers one such request.
 * @param server { origin, probe } with probe() of startProbes() for one page
 * @param request { path, method, headers, body }, or a function of a number that makes one, or undefined for none at all
 * @returns { longest (ms), status, others: statuses of the probes that were not 200 }
 */
export async function aroundOne({ origin, probe }, request) {
  const probed = probe(WINDOW_SECONDS);
  let status;
  if (request) {
    await new Promise((resolve) => setTimeout(resolve, SENT_AFTER_MS));
    status = await sendAlone(origin, request);
  }
  const [answers] = await probed;
  return { longest: percentiles(answers.map(({ ms }) => ms)).most, status, others: othersIn(answers) };
}

/** The main thread's processor time (ms) for one such request, without other requests. */
export async function loopTimeOf({ origin, loopMs }, request) {
  const before = loopMs();
  await sendAlone(origin, request);
  // Includes the log line and other work after the answer.
  await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
  return loopMs() - before;
}

/** The probes' p99 (ms) while twenty such requests a second are sent, or none. */
export async function underMany({ origin, probe }, request, seconds) {
  const many =
    request && openLoop(origin, [() => fromElsewhere(request)], { perSecond: PER_SECOND, seconds });
  const [answers] = await probe(seconds);
  await many;
  return { p99: percentiles(answers.map(({ ms }) => ms)).p99, others: othersIn(answers) };
}

function othersIn(answers) {
  return answers.map(({ status }) => status).filter((status) => status !== 200);
}
