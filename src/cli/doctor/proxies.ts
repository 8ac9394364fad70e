/** Checks that TRUST_PROXY names only the operator's own proxies: a trusted proxy can claim any client address. */
import type { Config } from "../../config/config.js";
import { type Examined, type Finding, ok, problem, unknown } from "./finding.js";

/** The shortest acceptable prefixes of public ranges, in bits: a wider range holds more than anyone's own machines. */
const MIN_PUBLIC_PREFIX = { ipv4: 8, ipv6: 16 };

export async function checkProxies({ config }: Examined): Promise<Finding> {
  if (!config) return unknown("the settings");
  const { trustProxy, baseUrl } = config;
  const tooWide: string[] = [];
  for (const proxy of trustProxy) if (await isTooWide(proxy)) tooWide.push(proxy);
  if (tooWide.length > 0) {
    return problem(
      `TRUST_PROXY trusts far too many: ${tooWide.join(", ")}. Whoever is among them can name any address as their own.`,
      "Name the addresses of your proxies alone, as loopback or 10.0.0.5.",
    );
  }
  if (trustProxy.length > 0) return ok(`${trustProxy.join(", ")} may name a client's address.`);
  return withoutProxy(baseUrl);
}

function withoutProxy(baseUrl: Config["baseUrl"]): Finding {
  if (baseUrl?.protocol !== "https:") {
    return ok("None is trusted: a client's address is where its connection comes from.");
  }
  return problem(
    "None is trusted, and BASE_URL is https: every request passes for http and is refused.",
    "Set TRUST_PROXY to the address of the proxy that ends TLS, for example loopback.",
  );
}

async function isTooWide(proxy: string): Promise<boolean> {
  const { default: ipaddr } = await import("ipaddr.js");
  if (!ipaddr.isValidCIDR(proxy)) return false;
  const [address, bits] = ipaddr.parseCIDR(proxy);
  if (!(address instanceof ipaddr.IPv6)) return bits < MIN_PUBLIC_PREFIX.ipv4;
  // IPv4 clients also match ranges of IPv4-mapped addresses, whose prefix has 96 more bits.
  if (address.isIPv4MappedAddress() && bits >= 96) return bits - 96 < MIN_PUBLIC_PREFIX.ipv4;
  const isPrivate = ["uniqueLocal", "linkLocal"].includes(address.range()) && bits >= 7;
  return (
    !isPrivate && (bits < MIN_PUBLIC_PREFIX.ipv6 || ipaddr.IPv6.parse("::ffff:0:0").match(address, bits))
  );
}
