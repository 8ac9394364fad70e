/** Starts nginx as a load balancer before several nodes, as in production, but over plain HTTP and as one process. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { nginxConfiguration } from "../../scripts/proxies.mjs";
import { newFolder, processorMs } from "./server.mjs";

/**
 * Starts nginx; it ends with the process.
 * @param program the path of nginx
 * @param sites [{ port, servers: [{ origin }] }]: requests to a port go to its servers in turn
 * @returns processorMs()
 */
export async function startNginx(program, sites) {
  const folder = newFolder();
  writeFileSync(path.join(folder, "nginx.conf"), nginxConfiguration(sites.map(site).join("")));
  const child = spawn(program, ["-p", folder, "-c", "nginx.conf", "-e", "stderr"], { stdio: "inherit" });
  process.once("exit", () => child.kill("SIGKILL"));
  for (const { port } of sites) await answers(`http://127.0.0.1:${port}/healthz`, child);
  return { processorMs: () => processorMs(child.pid) };
}

function site({ port, servers }) {
  return `
    upstream latchkey${port} {
${servers.map(({ origin }) => `        server ${new URL(origin).host};\n`).join("")}
        keepalive 32;
    }
    server {
        listen 127.0.0.1:${port};
        keepalive_requests 1000000;
        location / {
            proxy_pass http://latchkey${port};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_buffer_size 16k;
            proxy_buffers 4 16k;
        }
    }`;
}

async function answers(url, child) {
  for (let tries = 0; tries < 500; tries++) {
    if (child.exitCode !== null) break;
    try {
      return await (await fetch(url)).arrayBuffer();
    } catch {
      await sleep(10);
    }
  }
  throw new Error("nginx did not start.");
}
