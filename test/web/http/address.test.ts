/** Client addresses are counted, stored, shown and logged in one form; a closed connection has none. */
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { ADDRESS_RULE } from "../../../src/auth/policy.js";
import { newFolder } from "../../support/new-folder.js";
import { sqlOn } from "../../support/other-program.js";
import { ask, form } from "../../support/raw-request.js";
import { addAccount, setUp } from "../../support/sign-in.js";
import { openWorld, type World } from "../../support/world.js";

/** As a proxy names a client, and as everything here does. */
const TABLE: [named: string, canonical: string][] = [
  ["192.0.2.7", "192.0.2.7"],
  ["192.0.2.7:50412", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["::FFFF:c000:207", "192.0.2.7"],
  ["0:0:0:0:0:ffff:192.0.2.7", "192.0.2.7"],
  ["[::ffff:192.0.2.7]:443", "192.0.2.7"],
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"],
  ["[2001:db8::1]", "2001:db8::1"],
  ["[2001:db8::1]:50412", "2001:db8::1"],
  ["fe80::1%eth0", "fe80::1"],
  ["[fe80::1%25eth0]:80", "fe80::1"],
  ["::ffff:10.0.0.1%lo", "10.0.0.1"],
  ["::1", "::1"],
  // What is no address: the nearest that is known is the proxy's own.
  ["unknown", "127.0.0.1"],
  ["_hidden", "127.0.0.1"],
  ["192.0.2.256", "127.0.0.1"],
  ["192.0.2.007", "127.0.0.1"],
  ["2001:db8::1::2", "127.0.0.1"],
  ["x".repeat(100), "127.0.0.1"],
];

/** The addresses of the lines of the log about requests. */
const logged = ({ logLines }: World) =>
  logLines
    .map((line) => JSON.parse(line))
    .flatMap(({ msg, address }) => (msg === "request" ? [address] : []));

describe("a client address", () => {
  it.each(TABLE)("is written %s by a proxy, and stored, shown and logged as %s", async (named, canonical) => {
    const world = await openWorld({ TRUST_PROXY: "loopback", DEMO: "on" });
    const visitor = world.visitor({ "X-Forwarded-For": named });
    await setUp(world, visitor);
    await world.visitor({ "X-Forwarded-For": named }).password("test", "wrong");
    const kept = await sqlOn<{ address: string }>(
      world,
      "select address from sessions union all select address from history where address <> ''",
    );
    expect(kept.length).toBeGreaterThanOrEqual(3);
    expect(new Set(kept.map(({ address }) => address))).toEqual(new Set([canonical]));
    const { text } = await visitor.get("/account/history");
    expect(text).toContain(canonical);
    expect(new Set(world.events.map(({ address }) => address))).toEqual(new Set([canonical]));
    await expect.poll(() => logged(world).length).toBeGreaterThanOrEqual(4);
    expect(new Set(logged(world))).toEqual(new Set([canonical]));
  });

  it("is counted as one client in every spelling", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    const spellings = TABLE.filter(([, canonical]) => canonical === "192.0.2.7").map(([named]) => named);
    for (let n = 0; n < ADDRESS_RULE.free; n++) {
      const from = spellings[n % spellings.length] ?? "";
      expect((await world.visitor({ "X-Forwarded-For": from }).password(`name-${n}`, "x")).status).toBe(401);
    }
    for (const from of spellings) {
      expect((await world.visitor({ "X-Forwarded-For": from }).password("another", "x")).status, from).toBe(
        429,
      );
    }
  });

  it("is an IPv4 address for an IPv4 client when the server listens on IPv6", async () => {
    const world = await openWorld({ DEMO: "on" });
    await addAccount(world, "alice");
    const server = createServer(world.app).listen(0, "::");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const answer = await ask({ port }, { path: "/login", ...form({ username: "alice", password: "wrong" }) });
    expect(answer.status).toBe(401);
    const [refused] = world.events.filter(({ type }) => type === "password-refused");
    expect(refused?.address).toBe("127.0.0.1");
    await expect.poll(() => logged(world)).toEqual(["127.0.0.1"]);
  });
});

describe("a connection without an address", () => {
  it("is dropped, and nothing is counted, when it was reset before its request was read", async () => {
    const world = await openWorld({ DEMO: "on" });
    const server = createServer((req, res) => {
      // As the socket answers once the other end is gone.
      Object.defineProperty(req.socket, "remoteAddress", { value: undefined });
      world.app(req, res);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const sent = { path: "/login", ...form({ username: "test", password: "wrong" }) };
    await expect(ask({ port }, sent)).rejects.toThrow();
    await expect.poll(() => world.answers.map(({ status }) => status)).toEqual([499]);
    expect(await sqlOn(world, "select * from throttle")).toEqual([]);
    expect(world.events).toEqual([]);
  });

  it("keeps its address, and the demo account's session, when it is reset during a query", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    const account = await world.store.accounts.byUsername("test");
    const find = world.store.sessions.find.bind(world.store.sessions);
    let reset = () => {};
    world.store.sessions.find = async (idHash) => {
      reset();
      await sleep(50);
      return find(idHash);
    };
    const cookie = visitor.agent.jar
      .getCookies({ domain: "127.0.0.1", path: "/", secure: false, script: false })
      .toValueString();
    const head = `GET /account HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\nCookie: ${cookie}\r\n\r\n`;
    const socket = connect(world.port, "127.0.0.1", () => socket.write(head));
    const closed = once(socket, "close");
    reset = () => socket.resetAndDestroy();
    await closed;
    await expect.poll(() => world.answers.at(-1)?.status).toBe(499);
    await sleep(100);
    world.store.sessions.find = find;
    expect(logged(world).at(-1)).toBe("127.0.0.1");
    expect(await world.store.sessions.live(account?.id ?? "", world.now(), 0, 10)).toHaveLength(1);
    expect((await visitor.get("/account")).status).toBe(200);
  });

  it("is told apart from a Unix socket, which never has an address", async () => {
    const world = await openWorld({ DEMO: "on" });
    const file = path.join(newFolder(), "latchkey.sock");
    const server = createServer(world.app).listen(file);
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const body = "username=test&password=wrong";
    const head = `POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    let received = "";
    const socket = connect(file, () => socket.write(head));
    socket.on("data", (chunk) => {
      received += chunk;
    });
    await once(socket, "close");
    expect(received).toMatch(/^HTTP\/1\.1 401 /);
    expect(world.events.map(({ address }) => address)).toEqual(["unix:"]);
  });
});
