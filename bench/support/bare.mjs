/** Starts the two bare peers, which send exactly the bytes of one of Latchkey's answers. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { newFolder, startServer } from "./server.mjs";

const peers = fileURLToPath(new URL("../peers/", import.meta.url));

/** Headers that each server adds by itself. */
const BY_NODE = ["connection", "keep-alive", "date", "transfer-encoding", "content-length"];

/** Records Latchkey's answer and starts both peers with it. @param headers of the request to Latchkey @returns the two servers */
export async function startBare(origin, askPath, headers = {}) {
  const answer = await fetch(origin + askPath, { headers, redirect: "manual" });
  const file = path.join(newFolder(), "answer.json");
  const sent = [...answer.headers].filter(([name]) => !BY_NODE.includes(name));
  const body = await answer.text();
  const kept = {
    path: askPath.split("?")[0],
    status: answer.status,
    headers: Object.fromEntries(sent),
    body,
  };
  writeFileSync(file, JSON.stringify(kept));
  const start = (name) => startServer([path.join(peers, `${name}.mjs`)], { ANSWER: file }, { ask: askPath });
  return { bareHttp: await start("bare-http"), bareExpress: await start("bare-express") };
}
