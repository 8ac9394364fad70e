/** A load balancer as people run one: it keeps connections open to each node, and sends requests only to nodes that are ready. */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const ASK_EVERY_MS = 200;

interface Node {
  address: string;
  ready: boolean;
}

/** Starts to serve. `ready` lists the nodes that get requests now. */
export async function startProxy(addresses: string[]) {
  const nodes = addresses.map((address): Node => ({ address, ready: false }));
  const agent = new Agent({ keepAlive: true });
  const askAll = () => Promise.all(nodes.map(askWhetherReady));
  await askAll();
  const asking = setInterval(askAll, ASK_EVERY_MS);
  let turn = 0;
  const server = createServer((req, res) => {
    turn += 1;
    const inTurn = nodes.map((_, n) => nodes[(turn + n) % nodes.length]);
    const candidates = inTurn.filter((node): node is Node => node?.ready === true);
    void passOn(req, res, candidates, agent);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    ready: () => nodes.filter((node) => node.ready).map(({ address }) => address),
    async close() {
      clearInterval(asking);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

async function askWhetherReady(node: Node): Promise<void> {
  const answer = await fetch(`${node.address}/readyz`).catch(() => undefined);
  node.ready = answer?.status === 200;
}

/** Sends to the first node that takes the connection. A request that was sent is never repeated: it may have been carried out. */
async function passOn(req: IncomingMessage, res: ServerResponse, nodes: Node[], agent: Agent): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  for (const { address } of nodes) {
    try {
      const answer = await send(address, req, Buffer.concat(chunks), agent);
      res.writeHead(answer.statusCode ?? 502);
      return void answer.on("error", () => res.destroy()).pipe(res);
    } catch (error) {
      const refused = error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
      if (!refused) return void res.writeHead(502).end(String(error));
    }
  }
  res.writeHead(502).end("no node is ready");
}

function send(address: string, req: IncomingMessage, body: Buffer, agent: Agent): Promise<IncomingMessage> {
  const { connection: _ours, ...headers } = req.headers;
  return new Promise((resolve, reject) => {
    request(`${address}${req.url}`, { method: req.method, headers, agent }, resolve)
      .on("error", reject)
      .end(body);
  });
}
