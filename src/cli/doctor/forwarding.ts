/**
 * Checks that forward authentication works with these settings: without one of them, people are redirected in circles or
 * nowhere.
 */
import type { Config } from "../../config/config.js";
import { type Examined, type Finding, ok, problem, unknown } from "./finding.js";

export async function checkForwarding({ config }: Examined): Promise<Finding> {
  if (!config) return unknown("the settings");
  const { allowedHosts, cookieDomain, trustProxy } = config;
  if (allowedHosts.length === 0) return withoutHosts(cookieDomain);
  const outOfReach = await hostsOutOfReach(config);
  if (outOfReach.length > 0) {
    const reach = cookieDomain === undefined ? "COOKIE_DOMAIN is unset" : `COOKIE_DOMAIN is ${cookieDomain}`;
    return problem(
      `No cookie of ours gets to ${outOfReach.join(", ")}: ${reach}. Whoever wants to go there is not led back after signing in.`,
      "Set COOKIE_DOMAIN to the domain that those hosts and BASE_URL share, or take them out of ALLOWED_HOSTS.",
    );
  }
  if (trustProxy.length === 0) {
    return problem(
      "ALLOWED_HOSTS is set, and no proxy is trusted to say which page was wanted: everyone lands on the start page.",
      "Set TRUST_PROXY to the address of the proxy that asks, for example loopback.",
    );
  }
  return ok(`It leads back to ${allowedHosts.join(", ")}.`);
}

function withoutHosts(cookieDomain: string | undefined): Finding {
  if (cookieDomain === undefined) return ok("It is not used.");
  return problem(
    "COOKIE_DOMAIN is set, and ALLOWED_HOSTS is not: whoever wants to see an app lands on the start page after signing in.",
    "Name the hosts of the apps in ALLOWED_HOSTS, or unset COOKIE_DOMAIN.",
  );
}

async function hostsOutOfReach(config: Config): Promise<string[]> {
  const { isInReach } = await import("../../config/config.js");
  return config.allowedHosts.filter((host) => !isInReach(host.replace(/:\d+$/, ""), config));
}
