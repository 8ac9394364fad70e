/** Simulates a slow line: a proxy before a server that delays, throttles and counts bytes. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** The payload of an Ethernet packet, in bytes. */
const PACKET = 1_460;

/**
 * Starts the line. Opening a connection takes the latency once, and so does a request with its answer. All connections share
 * the bandwidth, in each direction.
 * @param origin the server's origin, for example http://127.0.0.1:3000
 * @param line { latencyMs: round trip, bitsPerSecond }
 * @returns the line's own origin; newCount() to reset the counter, and the bytes received since: heads and bodies of answers
 */
export async function slowLine(origin, { latencyMs, bitsPerSecond }) {
  const [up, down] = [direction(), direction()];
  let bytes = 0;
  const door = createServer(async (near) => {
    const far = connect(Number(new URL(origin).port), new URL(origin).hostname);
    for (const socket of [near, far]) socket.setNoDelay().on("error", () => socket.destroy());
    far.on("data", (chunk) => {
      bytes += chunk.length;
      down(chunk, (packet) => near.write(packet));
    });
    far.on("end", () => down("", () => near.end()));
    near.on("close", () => far.destroy());
    await wait(latencyMs);
    near.on("data", (chunk) => up(chunk, (packet) => far.write(packet)));
  });
  await once(door.listen(0, "127.0.0.1"), "listening");
  return {
    origin: `http://127.0.0.1:${door.address().port}`,
    newCount() {
      bytes = 0;
    },
    bytes: () => bytes,
  };

  /** One direction of the line: a packet waits for all packets before it, then for half the latency; their order stays. */
  function direction() {
    let isFreeAt = 0;
    let arrived = Promise.resolve();
    return (chunk, arrive) => {
      for (let at = 0; at === 0 || at < chunk.length; at += PACKET) {
        const packet = chunk.slice(at, at + PACKET);
        isFreeAt = Math.max(isFreeAt, performance.now()) + (packet.length * 8_000) / bitsPerSecond;
        const arrivesAt = isFreeAt + latencyMs / 2;
        arrived = arrived.then(() => wait(arrivesAt - performance.now())).then(() => arrive(packet));
      }
    };
  }
}
