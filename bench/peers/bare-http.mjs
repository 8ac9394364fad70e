/** Peer: Node's own server and nothing else, sending what it is given: the most that this runtime can do. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

/** ANSWER: a file with `{ status, headers, body }`, as Latchkey has answered. */
const { status, headers, body } = JSON.parse(readFileSync(process.env.ANSWER, "utf8"));
const bytes = Buffer.from(body);

createServer((_req, res) => {
  res.writeHead(status, headers);
  res.end(bytes);
}).listen(Number(process.env.PORT), "127.0.0.1");
