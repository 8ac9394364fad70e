/** Peer: one Express route that sends what it is given, with the same headers: what is left to win once Express is chosen. */
import { readFileSync } from "node:fs";
import express from "express";

/** ANSWER: a file with `{ path, status, headers, body }`, as Latchkey has answered. */
const { path, status, headers, body } = JSON.parse(readFileSync(process.env.ANSWER, "utf8"));
const app = express();
app.disable("x-powered-by");
// Latchkey sends none, and making one would cost this peer a hash of the page.
app.disable("etag");
app.get(path, (_req, res) => {
  res.status(status).set(headers).send(body);
});
app.listen(Number(process.env.PORT), "127.0.0.1");
