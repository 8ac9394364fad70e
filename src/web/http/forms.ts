/**
 * Forms: reads the body, and has the schema of each form. Each field is one string; a repeated field is refused.
 * Tests: test/security/malformed.test.ts, test/security/fuzz.test.ts
 */
import { type Request, type RequestHandler, urlencoded } from "express";
import { z } from "zod";
import { HttpError } from "./errors.js";

/**
 * Room for two passwords of 1,024 characters, each up to 27 bytes in a form's encoding (a Hangul syllable in its three parts),
 * and for names and addresses. The proxies' limit in docs/ is a little higher.
 */
const MAX_BODY = "60kb";

/** Reads an ordinary web form; any other kind of body is 415, a larger one 413. */
export function formBody(): RequestHandler {
  const read = urlencoded({ extended: false, limit: MAX_BODY, parameterLimit: 50 });
  return (req, res, next) => {
    const hasBody =
      req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"]) > 0;
    if (!hasBody) next();
    else if (!req.is("application/x-www-form-urlencoded")) next(new HttpError(415));
    else read(req, res, next);
  };
}

/** Refuses a NUL: SQLite would cut the text off there, and `bob\0x` would find `bob`. No person types one. */
const text = z
  .string()
  .refine((value) => !value.includes("\0"))
  .default("");

export const LoginForm = z.object({
  username: text,
  // Any character may be in a password; it never reaches the database.
  password: z.string().default(""),
  next: text,
});

export const CodeForm = z.object({ otp: text, trust_device: text });

export const ResyncForm = z.object({ otp: text, otp_next: text });

export const RecoveryCodeForm = z.object({ recovery_code: text });

export const LogoutForm = z.object({ next: text });

export const LaterForm = z.object({ next: text });

export const ProofForm = z.object({ recovery_code: text, next: text });

/** Idempotent: `sheet` is the number of the sheet to make, so the same form makes one only once. Undefined if left out. */
export const NewSheetForm = z.object({
  sheet: z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/)
    .transform(Number)
    .optional(),
});

export const ConfirmForm = z.object({
  password: z.string().default(""),
  otp: text,
  recovery_code: text,
  next: text,
});

export const PasswordForm = z.object({
  current_password: z.string().default(""),
  new_password: z.string().default(""),
});

export const LinkForm = z.object({
  new_password: z.string().default(""),
  password: z.string().default(""),
});

export const NewAuthenticatorForm = z.object({ name: text, otp: text });

export const NameForm = z.object({ name: text });

/** The `:id` of the path. @throws HttpError 404 for text that cannot be an id */
export function idOf(req: Request): string {
  const { id } = req.params;
  if (typeof id !== "string" || !/^[\w-]{1,64}$/.test(id)) throw new HttpError(404);
  return id;
}

/** Parses a body by its form. @throws HttpError 400 when a field is repeated, holds a NUL, or does not match its pattern */
export function parseForm<T>(form: z.ZodType<T>, body: unknown): T {
  const parsed = form.safeParse(body ?? {});
  if (!parsed.success) throw new HttpError(400);
  return parsed.data;
}
