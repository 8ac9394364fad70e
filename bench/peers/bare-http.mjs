/** Peer: Node's own HTTP server, which sends a given answer: the upper limit of the runtime. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

/** ANSWER: a file with `{ status, headers, body }`, Latchkey's recorded answer. */
const { status, headers, body } = JSON.parse(readFileSync(process.env.ANSWER, "utf8"));
const bytes = Buffer.from(body);

createServer((_req, res) => {
  res.writeHead(status, headers);
  res.end(bytes);
}).listen(Number(process.env.PORT), "127.0.0.1");
