/**
 * Limits how many password hashes run and wait, so that a flood of sign-ins does not stop other pages.
 * Tests: test/security/overload.test.ts
 */

const MAX_WAITING = 64;
export const MAX_WAIT_MS = 1_500;

/** The queue is full, or the wait was too long. The web answers 503. */
export class Overloaded extends Error {
  override name = "Overloaded";
}

/** How many hashes run and wait, and how many were refused since the start. */
export interface HashLoad {
  running: number;
  waiting: number;
  /** `full`: the queue was full; `tooLong`: the wait was too long. */
  refused: { full: number; tooLong: number };
}

/** A reservation for one hash. It ends with `run` or `release`, whichever comes first. */
export interface Reservation {
  /** Runs `work` when a slot is free. @throws Overloaded without running it, when the wait since the reservation was too long */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Releases the reservation unused. */
  release(): void;
}

export class HashQueue {
  readonly #slots: number;
  readonly #maxWaiting: number;
  #running = 0;
  /** Reservations that have not ended: running, waiting, or not yet asked to run. */
  #reserved = 0;
  readonly #waiting: Waiter[] = [];
  readonly #refused = { full: 0, tooLong: 0 };

  /** @param slots how many hashes may run at the same time @param maxWaiting how many more may wait for them */
  constructor(slots: number, maxWaiting = MAX_WAITING) {
    this.#slots = slots;
    this.#maxWaiting = maxWaiting;
  }

  /** @throws Overloaded without having run `work`. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    return this.reserve().run(work);
  }

  /**
   * Reserves a place before the work that leads up to a hash. When the queue is full, the request is refused here, before
   * anything that depends on the name. @throws Overloaded when the queue is full
   */
  reserve(): Reservation {
    if (this.#reserved >= this.#slots + this.#maxWaiting) {
      this.#refused.full += 1;
      throw new Overloaded("Too many sign-ins at once.");
    }
    this.#reserved += 1;
    const until = performance.now() + MAX_WAIT_MS;
    let isReleased = false;
    const release = () => {
      if (!isReleased) this.#reserved -= 1;
      isReleased = true;
    };
    return {
      release,
      run: async (work) => {
        try {
          await this.#enter(until);
          try {
            return await work();
          } finally {
            this.#leave();
          }
        } finally {
          release();
        }
      },
    };
  }

  load(): HashLoad {
    return { running: this.#running, waiting: this.#waiting.length, refused: { ...this.#refused } };
  }

  async #enter(until: number): Promise<void> {
    if (this.#running < this.#slots) {
      this.#running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        go: resolve,
        timer: setTimeout(() => {
          this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
          this.#refused.tooLong += 1;
          reject(new Overloaded("The wait for a password check was too long."));
        }, until - performance.now()),
      };
      this.#waiting.push(waiter);
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (!next) {
      this.#running -= 1;
      return;
    }
    clearTimeout(next.timer);
    next.go();
  }
}

interface Waiter {
  go: () => void;
  timer: NodeJS.Timeout;
}
