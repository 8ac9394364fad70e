/** Real nginx and real Caddy, with the configurations that docs/forward-auth.md shows. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { nginxConfiguration } from "../../scripts/proxies.mjs";
import { newFolder } from "./new-folder.js";
import { skipWithout } from "./skip.js";

/** The ports in place of those of the guide. */
export interface Ports {
  proxy: number;
  latchkey: number;
  app: number;
}

export interface ReverseProxy {
  /** Everything that it has printed. */
  output: () => string;
  close: () => Promise<void>;
}

/** @param logging whether it prints a line for each request, as it does in service */
export type StartProxy = (ports: Ports, logging?: { logsRequests: boolean }) => Promise<ReverseProxy>;

const GUIDE = new URL("../../docs/forward-auth.md", import.meta.url);

export const startNginx: StartProxy = async (ports, { logsRequests } = { logsRequests: false }) => {
  const folder = newFolder();
  const [question = "", site = ""] = blocksOf("nginx").map((block) => forTest(block, ports, folder));
  mkdirSync(path.join(folder, "snippets"));
  writeFileSync(path.join(folder, "snippets/latchkey-question.conf"), question);
  writeFileSync(path.join(folder, "site.conf"), site);
  const around = nginxConfiguration("include site.conf;");
  const configuration = logsRequests ? around.replace("access_log off", "access_log requests.log") : around;
  writeFileSync(path.join(folder, "nginx.conf"), configuration);
  // The default page, as Debian ships it.
  mkdirSync(path.join(folder, "html"));
  writeFileSync(path.join(folder, "html/index.html"), "Welcome to nginx!");
  makeCertificate(folder);
  const child = spawn(programs().nginx, ["-p", folder, "-c", "nginx.conf", "-e", "stderr"]);
  const proxy = await whenListening(child, ports.proxy);
  if (!logsRequests) return proxy;
  return { ...proxy, output: () => proxy.output() + readFileSync(path.join(folder, "requests.log"), "utf8") };
};

export const startCaddy: StartProxy = async (ports, { logsRequests } = { logsRequests: false }) => {
  const folder = newFolder();
  const [site = ""] = blocksOf("caddyfile").map((block) => forTest(block, ports, folder));
  const logged = logsRequests ? site.replaceAll(/^\ttls .*$/gm, "$&\n\tlog") : site;
  writeFileSync(path.join(folder, "Caddyfile"), AROUND_CADDY + logged);
  makeCertificate(folder);
  const env = { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(programs().caddy, ["run", "--config", "Caddyfile"], { cwd: folder, env });
  return whenListening(child, ports.proxy);
};

/** No certificates from an authority, and no other port. */
const AROUND_CADDY = `{
	admin off
	auto_https off
	default_bind 127.0.0.1
}
`;

/** The code blocks of one language in the guide. */
function blocksOf(language: string): string[] {
  const blocks = readFileSync(GUIDE, "utf8").matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"));
  return [...blocks].map(([, block]) => block ?? "");
}

/** Replaces names, ports and certificates, and nothing else. */
function forTest(block: string, { proxy, latchkey, app }: Ports, folder: string): string {
  return block
    .replaceAll("example.org", "example.test")
    .replaceAll("/etc/ssl/example.test", folder)
    .replaceAll("127.0.0.1:3000", `127.0.0.1:${latchkey}`)
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${app}`)
    .replaceAll("listen 443", `listen 127.0.0.1:${proxy}`)
    .replaceAll(
      /^(\S+\.example\.test) \{$/gm,
      `https://$1:${proxy} {\n\ttls ${folder}/fullchain.pem ${folder}/privkey.pem`,
    );
}

function makeCertificate(folder: string): void {
  const key = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    "privkey.pem",
  ];
  const names = ["-subj", "/CN=example.test", "-addext", "subjectAltName=DNS:*.example.test"];
  const words = ["req", "-x509", ...key, ...names, "-days", "2", "-out", "fullchain.pem"];
  execFileSync(programs().openssl, words, { cwd: folder, stdio: "ignore" });
}

/** nginx, Caddy and openssl. Skips the test where one is missing. */
export function programs() {
  const proxies = inject("proxies");
  if ("problem" in proxies) skipWithout(proxies.problem);
  return proxies;
}

async function whenListening(child: ChildProcess, port: number): Promise<ReverseProxy> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  while (child.exitCode === null && !(await answers(port))) await sleep(20);
  if (child.exitCode !== null) throw new Error(`The proxy did not start:\n${output}`);
  return {
    output: () => output,
    async close() {
      process.off("exit", kill);
      kill();
      await ended;
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
