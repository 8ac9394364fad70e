/** An app behind a proxy: it tells what it was asked, and counts, so that a test sees what has never reached it. */
import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import express, { type Request, type Response } from "express";

/** What the app heard of one request. */
export interface Heard {
  method: string;
  url: string;
  /** As they came: name, value, name, value. */
  headers: string[];
  /** Which of its pages Express took it for: it knows /admin, /public and the rest. */
  page: "admin" | "public" | "other";
  /** SHA-256 of the body. */
  body: string;
}

/** Begins to serve. `?answer=403` makes it answer that, `?cookie=a%3D1` set a cookie. */
export async function startEchoApp() {
  const heard: Heard[] = [];
  const echo = (page: Heard["page"]) => async (req: Request, res: Response) => {
    const hash = createHash("sha256");
    for await (const chunk of req) hash.update(chunk);
    const { method, originalUrl: url, rawHeaders: headers } = req;
    const told = { method, url, headers, page, body: hash.digest("hex") };
    heard.push(told);
    if (typeof req.query.cookie === "string") res.append("Set-Cookie", req.query.cookie);
    res.status(Number(req.query.answer ?? 200)).json(told);
  };
  const app = express();
  app.use("/admin", echo("admin"));
  app.use("/public", echo("public"));
  app.use(echo("other"));
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("upgrade", ({ method = "", url = "", rawHeaders: headers }, socket) => {
    heard.push({ method, url, headers, page: "other", body: "" });
    socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nhello");
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    /** Every request since the start. */
    heard,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
