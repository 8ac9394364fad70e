/**
 * Explains to the operator why a PostgreSQL server cannot be used, and what to do.
 * Tests: test/storage/postgres/refusals.test.ts
 */

/** By the error codes of Node's TLS. */
const CERTIFICATE: [codes: RegExp, message: string][] = [
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA)/,
    "presents a certificate from an unknown authority: add sslrootcert=/path/to/ca.pem to DATABASE_URL, the certificate of that " +
      "authority, beside sslmode=verify-full",
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "presents a certificate for another name: use that name in DATABASE_URL, or give the server a certificate for this name",
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    "presents a certificate that has expired or is not valid yet: renew it, and check the clocks",
  ],
  [/^(CERT_|ERR_TLS_|ERR_SSL_)/, "does not speak secure TLS: check its certificate and its settings"],
];

/**
 * The explanation of an error, to follow the database's name, without a full stop; undefined for errors whose own message is
 * good enough.
 * @param user the database user, if the address names one
 */
export function problemOf(error: Error, user: string | undefined): string | undefined {
  const code = "code" in error ? String(error.code) : "";
  if (code === "42501") return permissionDenied(error.message, user);
  if (/does not support SSL/.test(error.message)) {
    return "does not offer TLS, which DATABASE_URL asks for: turn it on by `ssl = on` in postgresql.conf";
  }
  if (/unsupported startup parameter.*options/.test(error.message)) {
    return (
      "is behind a PgBouncer, which does not pass ?options= on: remove it from DATABASE_URL, and set it once for the user, " +
      "for example `ALTER ROLE latchkey SET search_path = latchkey`"
    );
  }
  return CERTIFICATE.find(([codes]) => codes.test(code))?.[1];
}

/** Explains a missing permission: since PostgreSQL 15, only a database's owner may create tables in its schema `public`. */
function permissionDenied(message: string, user: string | undefined): string {
  const who = user === undefined ? "USER" : `"${user}"`;
  const schema = /schema (\S+)$/i.exec(message)?.[1];
  if (schema !== undefined) {
    return (
      `does not let its user create tables in the schema ${schema}: run \`GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${who}\` there ` +
      "as an administrator, or make that user the owner of the database"
    );
  }
  return `answers "${message}": the tables belong to another user. Name that user in DATABASE_URL, or make ${who} the owner`;
}
