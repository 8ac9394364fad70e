/** The server engine: the contract, and what is particular to a server. */
import { openStore } from "../../src/storage/index.js";
import { emptyTables, newDatabase } from "../support/database.js";
import { storeContract } from "./contract.js";

let databaseUrl: string | undefined;

storeContract("PostgreSQL", async () => {
  databaseUrl ??= await newDatabase();
  await emptyTables(databaseUrl);
  return openStore({ dataDir: "unused", databaseUrl });
});
