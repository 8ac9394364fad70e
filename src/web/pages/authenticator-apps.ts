/**
 * The authenticator apps that the set-up pages name, by device: well known, with their makers' own pages.
 * Tests: test/web/pages/login-2fa.test.ts
 */
import { type Message, message } from "../catalogue/message.js";

/** One line for each kind of device. Where an app is there already, the line says so first. */
export const authenticatorApps: readonly Message[] = [
  message("apps-apple", { href: "https://support.apple.com/guide/iphone/ipha6173c19f/ios" }),
  message("apps-android", {
    apps: [
      link("Google Authenticator", "https://support.google.com/accounts/answer/1066447"),
      link("Aegis", "https://getaegis.app/"),
      link("2FAS", "https://2fas.com/"),
    ],
  }),
  message("apps-computer", {
    apps: [link("KeePassXC", "https://keepassxc.org/"), link("Ente Auth", "https://ente.io/auth/")],
  }),
  message("apps-work", {
    apps: [
      link("Microsoft Authenticator", "https://www.microsoft.com/en-us/security/mobile-authenticator-app"),
    ],
  }),
];

function link(name: string, href: string): Message {
  return message("apps-link", { name, href });
}
