/** Requests as an attacker sends them: any bytes, no redirects followed, no cookies kept. */
import { type IncomingHttpHeaders, request } from "node:http";
import type { World } from "./world.js";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface RawRequest {
  method?: string;
  /** Sent as it is, without the tidying that clients do. */
  path: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

/** Sends a request that no browser would; never follows, never keeps cookies. */
export function ask(
  world: Pick<World, "port">,
  { method = "GET", path, headers = {}, body }: RawRequest,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port: world.port, method, path, headers, agent: false, maxHeaderSize: 65_536 },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** An answer without what differs from one to the next anyway: the date, and the request's id, which is as long in each. */
export function bytesOf({ status, headers: { date, ...headers }, text }: Answer) {
  return { status, headers: { ...headers, "x-request-id": headers["x-request-id"]?.length }, text };
}

/** A form to send, as `ask` wants it. */
export function form(
  fields: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
): Pick<RawRequest, "method" | "headers" | "body"> {
  return {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(fields).toString(),
  };
}

/** Whether this cookie stands for a session: the account page opens with it. */
export async function opensAccount(world: Pick<World, "port">, cookie: string): Promise<boolean> {
  const answer = await ask(world, { path: "/account", headers: { cookie } });
  return answer.status === 200;
}

/** How often each status came: `{ 303: 1, 401: 4, 429: 45 }`. */
export function statuses(answers: { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
