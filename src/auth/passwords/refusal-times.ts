/**
 * Keeps refused passwords waiting as long as hashes of other systems are left, whose check takes some thirty times longer than one
 * of our own: no name may be refused sooner than another (prevents account enumeration).
 * Tests: test/auth/passwords/refusal-times.test.ts, test/security/imported-enumeration.test.ts
 */
import { MAX_WAIT_MS, Overloaded } from "./hash-queue.js";

/** Checks that run or wait to be refused, each a request in memory. */
const MAX_HELD = 1_024;

/** How many of the last checks tell how slow this machine is now, and by how much at most it stretches the times. */
const OBSERVED = 32;
const MAX_SLOWNESS = 4;

/** The longest check (ms) that a refusal is made to look like. */
const MAX_CHECK_MS = 10_000;

/** The imagined line is full before the real one is, which estimates may miss by a third. */
const MAX_IMAGINED_WAIT_MS = (2 / 3) * MAX_WAIT_MS;

/**
 * Too many guesses came at the same time for the line of foreign hashes. The web answers 503. The attempt stays counted: a refund
 * would make guesses free, since a right password is still let in.
 */
export class LineFull extends Overloaded {
  override name = "LineFull";
}

/** A check that may be refused. It ends with `end`. */
export interface Held {
  /**
   * Resolves when the refusal is due. @throws LineFull then, where an imported name would find the line full: all names must, or five
   * guesses at once would show which are imported
   */
  untilDue(): Promise<void>;
  end(): void;
}

/**
 * Guesses that come at the same time wait for each other in the line of foreign hashes, so a fixed time would show which names are
 * in that line. Each guess is therefore refused when it would be if all of them had been at imported names with the dearest hash.
 */
export class RefusalTimes {
  /** When each slot of that imagined line is free (ms, of `performance.now`). */
  readonly #freeAt: number[];
  readonly #observed: number[] = [];
  #held = 0;
  #refused = 0;

  /** @param slots of the line of foreign hashes */
  constructor(slots: number) {
    this.#freeAt = new Array(slots).fill(0);
  }

  /** How many checks were turned away because too many wait to be refused. */
  get refused(): number {
    return this.#refused;
  }

  /** @param cost the dearest check, as estimated (ms) @throws Overloaded when too many wait */
  start(cost: number): Held {
    if (this.#held >= MAX_HELD) {
      this.#refused += 1;
      throw new Overloaded("Too many refused sign-ins at once.");
    }
    this.#held += 1;
    const takes = Math.min(cost * Math.max(1, ...this.#observed), MAX_CHECK_MS);
    const now = performance.now();
    const free = Math.min(...this.#freeAt);
    const isFull = free - now > MAX_IMAGINED_WAIT_MS;
    // Takes the slot that is free first.
    const slot = this.#freeAt.indexOf(free);
    const due = (isFull ? now + MAX_WAIT_MS : Math.max(now, free)) + takes;
    if (!isFull) this.#freeAt[slot] = due;
    let isRefused = false;
    let timer: NodeJS.Timeout | undefined;
    return {
      untilDue: async () => {
        isRefused = true;
        await new Promise<void>((resolve) => {
          timer = setTimeout(resolve, due - performance.now());
        });
        if (!isFull) return;
        this.#refused += 1;
        throw new LineFull("Too many passwords were checked at once.");
      },
      end: () => {
        clearTimeout(timer);
        this.#held -= 1;
        // A right password gives its place back, so that busy mornings do not fill the line.
        if (!isRefused && !isFull) this.#freeAt[slot] = (this.#freeAt[slot] ?? 0) - takes;
      },
    };
  }

  /** Notes how long (ms) a check took that was estimated at `cost`. */
  observe(cost: number, took: number): void {
    this.#observed.push(Math.min(took / cost, MAX_SLOWNESS));
    if (this.#observed.length > OBSERVED) this.#observed.shift();
  }
}
