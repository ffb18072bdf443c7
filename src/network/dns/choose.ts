/** Who keeps /etc/resolv.conf here, and so how wwand tells the system its name servers. Pure. */

export interface ResolverSigns {
  /** What lies at the path of resolv.conf. `target`: where the symlink ends, resolved as far as it can be. */
  readonly resolvConf:
    | { readonly is: "absent" }
    | { readonly is: "file"; readonly text: string }
    | { readonly is: "symlink"; readonly target: string };
  /** org.freedesktop.resolve1 has an owner, or is activatable, on the bus that wwand uses. */
  readonly resolvedOnBus: boolean;
}

export interface DnsChoice {
  readonly backend: "resolved" | "file" | "none";
  /** One log line. */
  readonly because: string;
}

/** First line of a resolv.conf that wwand wrote. */
export const resolvConfMarker = "# written by wwand";

/** The files that systemd-resolved offers as a target. @see systemd-resolved.service(8), /ETC/RESOLV.CONF */
const resolvedFiles = /\/(run\/systemd\/resolve\/(stub-resolv|resolv)\.conf|lib\/systemd\/resolv\.conf)$/;
const resolvedStub = /^\s*nameserver\s+127\.0\.0\.5[34]\s*$/m;

export function chooseDns({ resolvConf, resolvedOnBus }: ResolverSigns): DnsChoice {
  switch (resolvConf.is) {
    case "symlink":
      if (!resolvedFiles.test(resolvConf.target))
        return { backend: "none", because: `dns=none resolv.conf=symlink target=${resolvConf.target} owner=foreign` };
      return resolved(resolvedOnBus, `resolv.conf=symlink target=${resolvConf.target}`);
    case "file":
      if (resolvConf.text.startsWith(resolvConfMarker))
        return { backend: "file", because: "dns=file resolv.conf=ours (left by an earlier run)" };
      if (resolvedStub.test(resolvConf.text)) return resolved(resolvedOnBus, "resolv.conf=file with resolved's stub");
      return { backend: "file", because: "dns=file resolv.conf=file" };
    case "absent":
      return { backend: "file", because: "dns=file resolv.conf=absent" };
  }
}

const resolved = (onBus: boolean, seen: string): DnsChoice =>
  onBus
    ? { backend: "resolved", because: `dns=resolved ${seen}` }
    : { backend: "none", because: `dns=none ${seen} owner=systemd-resolved, which is not on the bus` };
