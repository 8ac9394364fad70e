/**
 * The authenticator apps that the set-up page names: well known, with their makers' own pages.
 * Tests: test/web/pages/login-2fa.test.ts
 */

export interface AuthenticatorApp {
  name: string;
  href: string;
  /** The devices it runs on, and what sets it apart. */
  for: string;
}

export const authenticatorApps: readonly AuthenticatorApp[] = [
  {
    name: "Google Authenticator",
    href: "https://support.google.com/accounts/answer/1066447",
    for: "Android, iPhone",
  },
  { name: "Aegis", href: "https://getaegis.app/", for: "Android; open source" },
  { name: "2FAS", href: "https://2fas.com/", for: "Android, iPhone; open source" },
  { name: "Ente Auth", href: "https://ente.io/auth/", for: "Android, iPhone, computers; open source" },
  { name: "1Password", href: "https://1password.com/", for: "phones and computers; paid" },
  {
    name: "Bitwarden",
    href: "https://bitwarden.com/products/authenticator/",
    for: "Android, iPhone; open source",
  },
  { name: "KeePassXC", href: "https://keepassxc.org/", for: "Windows, macOS, Linux; open source" },
];
