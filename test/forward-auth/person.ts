/** A person's browser that keeps cookies by host, and a client that sends what no browser would. */
import type { IncomingHttpHeaders } from "node:http";
import { connect as connectHttp2, type OutgoingHttpHeaders } from "node:http2";
import { Agent, request } from "node:https";
import { connect } from "node:tls";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Asking {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer | undefined;
}

interface Cookie {
  pair: string;
  name: string;
  host: string;
  /** Sent to the sub-domains of `host` too. */
  wide: boolean;
}

/** Keeps cookies by host and domain, and follows no redirect. Every host name is asked at 127.0.0.1. */
export class Person {
  #cookies: Cookie[] = [];
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

  /** @param target the path with its query as it is sent, when it is not the address's own */
  async ask(address: string, { method = "GET", headers = {}, body }: Asking = {}, target?: string) {
    const { hostname, port, host, pathname, search } = new URL(address);
    const cookie = this.cookiesFor(hostname);
    const answer = await new Promise<Answer>((resolve, reject) => {
      const sent = request({
        host: "127.0.0.1",
        servername: hostname,
        port,
        method,
        path: target ?? `${pathname}${search}`,
        headers: { host, ...(cookie ? { cookie } : {}), ...headers },
        agent: this.#agent,
        maxHeaderSize: 65_536,
      });
      sent.on("error", reject);
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, text: Buffer.concat(chunks).toString() });
        });
      });
      sent.end(body);
    });
    for (const line of answer.headers["set-cookie"] ?? []) this.#keep(line, hostname);
    return answer;
  }

  send(address: string, fields: Record<string, string> = {}): Promise<Answer> {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return this.ask(address, { method: "POST", headers, body: new URLSearchParams(fields).toString() });
  }

  cookiesFor(hostname: string): string {
    return this.#cookies
      .filter(({ host, wide }) => hostname === host || (wide && hostname.endsWith(`.${host}`)))
      .map(({ pair }) => pair)
      .join("; ");
  }

  close(): void {
    this.#agent.destroy();
  }

  #keep(line: string, hostname: string): void {
    const [pair = "", ...attributes] = line.split("; ");
    const [name = "", value] = pair.split("=", 2);
    const domain = attributes.find((attribute) => attribute.startsWith("Domain="))?.slice("Domain=".length);
    const host = domain ?? hostname;
    this.#cookies = this.#cookies.filter((other) => other.name !== name || other.host !== host);
    if (value) this.#cookies.push({ pair, name, host, wide: domain !== undefined });
  }
}

/** Sends these bytes over TLS, and answers with all that comes back until the other end closes or is silent. */
export function sendRaw(port: number, servername: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect({ host: "127.0.0.1", port, servername, rejectUnauthorized: false }, () => {
      socket.write(bytes, "latin1");
    });
    socket.on("data", (chunk) => {
      received += chunk;
    });
    // A closed connection is an answer too.
    socket.on("error", () => {});
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on("close", () => resolve(received));
  });
}

interface BriefAnswer {
  status: number | "refused";
  location: string | undefined;
}

/** A request over HTTP/2, as browsers speak to these proxies, on a connection of its own. */
export async function askHttp2(port: number, headers: OutgoingHttpHeaders): Promise<BriefAnswer> {
  const options = { servername: "app.example.test", rejectUnauthorized: false };
  const session = connectHttp2(`https://127.0.0.1:${port}`, options);
  const answer = await new Promise<BriefAnswer>((resolve) => {
    session.on("error", () => resolve({ status: "refused", location: undefined }));
    const asked = session.request({ ":method": "GET", ":scheme": "https", ...headers });
    asked.on("response", ({ ":status": status = 0, location }) => resolve({ status, location }));
    asked.on("error", () => resolve({ status: "refused", location: undefined }));
    asked.resume();
  });
  session.destroy();
  return answer;
}
