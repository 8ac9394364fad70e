/** An app behind a proxy that answers with what it was asked and remembers it, so that a test sees what never reached it. */
import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import express, { type Request, type Response } from "express";

/** One request, as the app received it. */
export interface Heard {
  method: string;
  url: string;
  /** As they came: name, value, name, value. */
  headers: string[];
  /** The page to which Express routed it. */
  page: "admin" | "public" | "other";
  /** SHA-256 of the body. */
  body: string;
}

/** Starts to serve. `?answer=403` sets the status of the answer, `?cookie=a%3D1` a cookie. */
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
