/**
 * Counts what checking codes costs: the work is compared, and not the clock of a busy machine. Tests wrap the modules in `vi.mock`,
 * so nothing here may import them.
 */

/** What was done since `forgetWork()`. */
export const work = {
  /** Codes compared by otplib. */
  verified: 0,
  /** Searches for why a code was refused, farther from now than it could be accepted. */
  searched: 0,
  hmacs: 0,
  comparisons: 0,
  /** The secrets whose codes were computed, in hexadecimal. */
  secrets: new Set<string>(),
};

export function forgetWork(): void {
  Object.assign(work, { verified: 0, searched: 0, hmacs: 0, comparisons: 0 });
  work.secrets.clear();
}

/** Codes looked at, in either way. */
export const looks = () => work.verified + work.searched;

let isOfTest = false;

/** For `vi.mock("@otplib/totp", …)`. */
export function countVerified(real: typeof import("@otplib/totp")): typeof real {
  const verifySync: typeof real.verifySync = (options) => {
    work.verified++;
    return real.verifySync(options);
  };
  /** This makes codes, as tests do: that is not the work of a refusal. */
  const generateSync: typeof real.generateSync = (options) => {
    isOfTest = true;
    try {
      return real.generateSync(options);
    } finally {
      isOfTest = false;
    }
  };
  return { ...real, verifySync, generateSync };
}

/** For `vi.mock("…/src/otp/index.js", …)`. */
export function countSearched(real: typeof import("../../src/otp/index.js")): typeof real {
  const matchingSteps: typeof real.matchingSteps = (...of) => {
    work.searched++;
    return real.matchingSteps(...of);
  };
  const codesAround: typeof real.codesAround = (...of) => {
    work.searched++;
    return real.codesAround(...of);
  };
  return { ...real, matchingSteps, codesAround };
}

/** For `vi.mock("…/src/otp/engine.js", …)`. */
export function countHmacs(real: typeof import("../../src/otp/engine.js")): typeof real {
  const isSameCode: typeof real.isSameCode = (...of) => {
    work.comparisons++;
    return real.isSameCode(...of);
  };
  const nodeCrypto: typeof real.nodeCrypto = {
    ...real.nodeCrypto,
    hmac(algorithm, key, data) {
      if (!isOfTest) {
        work.hmacs++;
        work.secrets.add(Buffer.from(key).toString("hex"));
      }
      return real.nodeCrypto.hmac(algorithm, key, data);
    },
    constantTimeEqual(...of) {
      work.comparisons++;
      return real.nodeCrypto.constantTimeEqual(...of);
    },
  };
  return { ...real, nodeCrypto, isSameCode };
}
