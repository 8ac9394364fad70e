/** Peer: one Express route that sends a given answer with the same headers: the upper limit for an app on Express. */
import { readFileSync } from "node:fs";
import express from "express";

/** ANSWER: a file with `{ path, status, headers, body }`, Latchkey's recorded answer. */
const { path, status, headers, body } = JSON.parse(readFileSync(process.env.ANSWER, "utf8"));
const app = express();
app.disable("x-powered-by");
// Turns ETags off: Latchkey sends none, and each would cost this peer a hash of the page.
app.disable("etag");
app.get(path, (_req, res) => {
  res.status(status).set(headers).send(body);
});
app.listen(Number(process.env.PORT), "127.0.0.1");
