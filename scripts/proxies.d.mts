/** What TypeScript needs to know of proxies.mjs. */
export function findProxies(): { nginx: string; caddy: string; openssl: string };
export function nginxConfiguration(inside: string): string;
