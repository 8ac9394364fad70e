/** The types of proxies.mjs, for TypeScript. */
export function findProxies(): { nginx: string; caddy: string; openssl: string };
export function findOpenssl(): string;
export function nginxConfiguration(inside: string): string;
