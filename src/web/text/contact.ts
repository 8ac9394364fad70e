/** Whom to ask when everything is lost: the operator's CONTACT, as part of a sentence. Tests: test/web/pages/login.test.ts */
import { type Message, message } from "../catalogue/message.js";

/** A link if it is an address, else its text; without one, "the people who run this site". */
export function contactMessage(contact: string | undefined): Message {
  if (!contact) return message("contact-unknown");
  const href = contactHref(contact);
  return href === undefined
    ? message("contact-text", { address: contact })
    : message("contact-link", { href, address: contact });
}

/** `mailto:` or a page; undefined if it is neither kind of address. */
function contactHref(contact: string): string | undefined {
  if (/^https?:\/\/\S+$/.test(contact)) return contact;
  return /^[^\s@:/]+@[^\s@:/]+$/.test(contact) ? `mailto:${contact}` : undefined;
}
