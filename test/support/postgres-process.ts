/** The process of a PostgreSQL server: its user, its programs, its port, and a guard that removes what a killed run leaves. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";

let tried = 0;

/**
 * A free port below those that systems give to outgoing connections, so that it is still free after a stop. The first one tried
 * depends on the process, so that processes that look at the same time do not find the same port.
 */
export async function portToKeep(): Promise<number> {
  for (;;) {
    const port = 20_000 + ((process.pid * 37 + tried++) % 10_000);
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

export interface User {
  uid?: number;
  gid?: number;
}

/** The user that runs PostgreSQL: where this process is root, which PostgreSQL refuses, its own user or nobody. */
export function userOfPostgres(): User {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["postgres", "nobody"]) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error("PostgreSQL does not run as root, and there is neither a user postgres nor nobody.");
}

/** A folder of programs that this user can run: a copy in `folder` where the given ones are out of its reach, in root's own folders. */
export function reachablePrograms(bin: string, folder: string, user: User): string {
  if (user.uid === undefined) return bin;
  const reached = spawnSync(path.join(bin, "postgres"), ["--version"], { ...user, cwd: "/" });
  if (reached.status === 0 || !existsSync(path.join(bin, "postgres"))) return bin;
  const copy = path.join(folder, "programs");
  for (const part of ["bin", "lib", "share"]) {
    const from = path.join(bin, "..", part);
    if (existsSync(from)) cpSync(from, path.join(copy, part), { recursive: true, verbatimSymlinks: true });
  }
  return path.join(copy, "bin");
}

/**
 * A shell that waits for the end of this process, also when it is killed: the shell's input ends then. It stops the server, if one
 * is left, and removes the folder.
 */
export function guardOver(folder: string): ChildProcess | undefined {
  if (process.platform === "win32") return undefined;
  const script = `
    cat
    if read -r pid < "$1/data/postmaster.pid" && kill -QUIT "$pid"; then
      kill -CONT "$pid"
      tries=0
      while [ -e "$1/data/postmaster.pid" ] && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
    fi
    rm -rf "$1"`;
  const guard = spawn("sh", ["-c", script, "sh", folder], {
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  return guard;
}

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    const all = execFileSync("ps", ["-A", "-o", "pid=", "-o", "ppid="], { encoding: "utf8" });
    const pairs = all.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
    return pairs.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
  }
}

export function signal(name: NodeJS.Signals, pids: number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
  }
}
