/** A client that sends its request byte by byte, slowly, or never to the end. */
import { once } from "node:events";
import { connect } from "node:net";

/** @param address where the server listens, `http://127.0.0.1:3000` */
export async function rawClient(address: string) {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await once(socket, "connect");
  // A closed connection is an answer too.
  socket.on("error", () => {});
  return {
    send: (text: string) => void socket.write(text),
    received: () => received,
    closed,
    end: () => socket.destroy(),
  };
}

/** The head of a sign-in whose body has this length. */
export function headOfLogin(length: number): string {
  return [
    "POST /login HTTP/1.1",
    "Host: 127.0.0.1",
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${length}`,
    "",
    "",
  ].join("\r\n");
}
