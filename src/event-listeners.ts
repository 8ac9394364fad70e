/**
 * The host app's listeners to security events (`latchkey.on`). They are called after the commit that an event tells of, in a turn
 * of the event loop of their own, so that no answer waits for them.
 * Tests: test/event-listeners.test.ts, test/security/events-without-secrets.test.ts
 */
import type { Logger } from "pino";
import { factsOf, type ReportedEvent } from "./auth/index.js";
import { shown } from "./config/options.js";
import type { SecurityEvent } from "./public-events.js";
import type { Latchkey } from "./public-types.js";

type Listener = Parameters<Latchkey["on"]>[0];

interface Delivery {
  event: ReportedEvent;
  /** Who listened when the event was reported. */
  to: { listener: Listener }[];
}

/**
 * A listener hears the events that are reported after it was added and until it is removed, in their order. Each call of `on` adds
 * one, also of the same function.
 */
export function createListeners(log: Logger) {
  const listening = new Set<{ listener: Listener }>();
  let waiting: Delivery[] = [];
  let turn: NodeJS.Immediate | undefined;

  /** Delivers all that waits, however much a flood reports: what one turn leaves, the next would only add to. */
  function deliver(): void {
    clearImmediate(turn);
    turn = undefined;
    const deliveries = waiting;
    waiting = [];
    for (const { event, to } of deliveries) {
      for (const one of to) if (listening.has(one)) call(one.listener, event);
    }
  }

  /** Whatever the listener does, the others are called, and its promise is not waited for. */
  function call(listener: Listener, event: ReportedEvent): void {
    const failed = (err: unknown) =>
      log.error({ err, event: { id: event.id, type: event.type } }, "a listener of latchkey.on failed");
    try {
      Promise.resolve(listener(publicEvent(event))).catch(failed);
    } catch (err) {
      failed(err);
    }
  }

  return {
    on(listener: Listener): () => void {
      if (typeof listener !== "function") {
        throw new Error(
          `latchkey.on takes a function that is called with each event, not ${shown(listener)}.`,
        );
      }
      const one = { listener };
      listening.add(one);
      return () => void listening.delete(one);
    },

    /** Called by auth/, which must not wait and must not fail. */
    publish(event: ReportedEvent): void {
      if (listening.size === 0) return;
      waiting.push({ event, to: [...listening] });
      turn ??= setImmediate(deliver);
    },

    /** Delivers at once what waits: the process is about to end. */
    flush: deliver,
  };
}

/** The event as a listener gets it: an object of its own, which it may change. */
function publicEvent({ by, at, ...event }: ReportedEvent): SecurityEvent {
  const { severity, outcome } = factsOf(event);
  // Its types are those of public-events.ts, which a test holds.
  return { ...event, at: new Date(at), ...(by && { by: { ...by } }), severity, outcome } as SecurityEvent;
}
