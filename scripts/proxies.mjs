/** Finds nginx, Caddy and openssl for the tests of forward authentication, on this machine. */
import path from "node:path";
import { isExecutable } from "./bring.mjs";

/** Systems keep servers where only root's path leads. */
const MORE_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"];

/**
 * The paths of the three programs.
 * @throws Error with one sentence that says what to install.
 */
export function findProxies() {
  return { nginx: found("nginx"), caddy: found("caddy"), openssl: found("openssl") };
}

function found(name) {
  const file = onThisMachine(name);
  if (file) return file;
  throw new Error(
    `The tests of forward authentication need ${name}: install it (\`npm run setup\` on Debian).`,
  );
}

function onThisMachine(name) {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), ...MORE_FOLDERS];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

/** What Debian's nginx.conf says around servers, for one that runs as one process in a folder of its own, given by `-p`. */
export function nginxConfiguration(inside) {
  return `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    ${inside}
}
`;
}
