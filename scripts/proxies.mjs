/** Finds nginx, Caddy and openssl on this machine, for the tests of forward authentication. */
import path from "node:path";
import { isExecutable } from "./bring.mjs";

/** Some systems install servers in folders that are only on root's path. */
const MORE_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"];

/**
 * Returns the paths of the three programs.
 * @throws Error with one sentence that says what to install
 */
export function findProxies() {
  return { nginx: found("nginx"), caddy: found("caddy"), openssl: found("openssl") };
}

/**
 * Returns the path of openssl.
 * @throws Error with one sentence that says what to install
 */
export function findOpenssl() {
  return found("openssl", "TLS to PostgreSQL");
}

function found(name, subject = "forward authentication") {
  const file = onThisMachine(name);
  if (file) return file;
  throw new Error(`The tests of ${subject} need ${name}: install it (\`npm run setup\` on Debian).`);
}

function onThisMachine(name) {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), ...MORE_FOLDERS];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

/**
 * A minimal nginx.conf around some servers, after Debian's, for an nginx that runs as one process in a folder given by `-p`.
 * @param inside the `server` blocks
 */
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
