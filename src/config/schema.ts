/**
 * Declares every setting: its variable, the values that it accepts, its default. Add a new setting here.
 * Tests: test/config/config.test.ts, test/docs/settings.test.ts
 */
import { z } from "zod";
import { DEFAULT_POLICY, MAX_INVITATION } from "../auth/index.js";
import { isDatabaseUrl } from "./database-url.js";
import {
  toBaseUrl,
  toDomain,
  toDuration,
  toFolder,
  toHosts,
  toLanguages,
  toMountPath,
  toPort,
  toProxies,
  toSecrets,
} from "./parsers.js";

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const DEFAULT_PORT = 3000;

/** docs/settings.md and `.env.example` list the same settings; a test checks that. */
export const Environment = z.object({
  PORT: z.string().transform(toPort("PORT", 0)).default(DEFAULT_PORT),
  HOST: z.string().optional(),
  APP_NAME: z
    .string()
    .regex(
      /^[^:\p{Cc}]{1,64}$/u,
      "APP_NAME is one line of at most 64 characters without a colon: apps split labels there.",
    )
    .default("Latchkey"),
  BASE_URL: z.string().transform(toBaseUrl).optional(),
  MOUNT_PATH: z.string().transform(toMountPath).default(""),
  DATA_DIR: z.string().transform(toFolder).default("./data"),
  DATABASE_URL: z
    .string()
    .refine(
      isDatabaseUrl,
      "DATABASE_URL is the address of a PostgreSQL database, as postgres://latchkey@127.0.0.1/latchkey; " +
        "in a password, write / as %2F, ? as %3F, # as %23, @ as %40, % as %25 and a space as %20.",
    )
    .optional(),
  NODE_ENV: z
    .enum(["development", "production", "test"], "NODE_ENV is development, production or test.")
    .default("development"),
  APP_SECRETS: z.string().transform(toSecrets).optional(),
  DEMO: z.enum(["on", "off"], "DEMO is on, off or unset.").optional(),
  TRUST_PROXY: z.string().transform(toProxies).default([]),
  ALLOWED_HOSTS: z.string().transform(toHosts).default([]),
  COOKIE_DOMAIN: z.string().transform(toDomain).optional(),
  SESSION_IDLE: z.string().transform(toDuration("SESSION_IDLE")).default(DEFAULT_POLICY.sessionIdle),
  SESSION_MAX: z.string().transform(toDuration("SESSION_MAX")).default(DEFAULT_POLICY.sessionMax),
  PENDING_LOGIN: z.string().transform(toDuration("PENDING_LOGIN")).default(DEFAULT_POLICY.pendingLogin),
  STEP_UP: z.string().transform(toDuration("STEP_UP")).default(DEFAULT_POLICY.stepUp),
  TRUSTED_DEVICE: z
    .string()
    .transform((text, context) => (text === "0" ? 0 : toDuration("TRUSTED_DEVICE")(text, context)))
    .default(DEFAULT_POLICY.trustedDevice),
  INVITATION: z
    .string()
    .transform(toDuration("INVITATION", MAX_INVITATION))
    .default(DEFAULT_POLICY.invitation),
  RESYNC: z
    .enum(["on", "off"], "RESYNC is on or off.")
    .default("off")
    .transform((setting) => setting === "on"),
  LANGUAGES: z.string().transform(toLanguages).default(["en"]),
  CONTACT: z.string().max(200, "CONTACT is at most 200 characters.").optional(),
  METRICS_PORT: z.string().transform(toPort("METRICS_PORT", 1)).optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `LOG_LEVEL is one of ${LOG_LEVELS.join(", ")}.`).default("info"),
});

/** The names of all settings. */
export const VARIABLES = Object.keys(Environment.shape);
