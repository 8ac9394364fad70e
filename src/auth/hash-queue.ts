/** Lets few password hashes run at once and keeps the waiting line short: a flood must not stop the other pages. */

const LONGEST_LINE = 64;
const LONGEST_WAIT_MS = 1_500;

/** The line is full, or the wait was too long. The web says 503. */
export class Overloaded extends Error {
  override name = "Overloaded";
}

/** How busy a queue is, and how many it has turned away since it began. */
export interface HashLoad {
  running: number;
  waiting: number;
  /** `full`: the line was; `tooLong`: the wait was. */
  refused: { full: number; tooLong: number };
}

export class HashQueue {
  readonly #slots: number;
  #running = 0;
  readonly #line: Waiter[] = [];
  readonly #refused = { full: 0, tooLong: 0 };

  /** @param slots how many hashes may run at the same time. */
  constructor(slots: number) {
    this.#slots = slots;
  }

  /** @throws Overloaded without having run `work`. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** For whoever has work to do before: @throws Overloaded while the line is full. */
  expectRoom(): void {
    if (this.#line.length < LONGEST_LINE) return;
    this.#refused.full += 1;
    throw new Overloaded("Too many sign-ins at once.");
  }

  load(): HashLoad {
    return { running: this.#running, waiting: this.#line.length, refused: { ...this.#refused } };
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#slots) {
      this.#running += 1;
      return;
    }
    this.expectRoom();
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        go: resolve,
        timer: setTimeout(() => {
          this.#line.splice(this.#line.indexOf(waiter), 1);
          this.#refused.tooLong += 1;
          reject(new Overloaded("The wait for a password check was too long."));
        }, LONGEST_WAIT_MS),
      };
      this.#line.push(waiter);
    });
  }

  #leave(): void {
    const next = this.#line.shift();
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
