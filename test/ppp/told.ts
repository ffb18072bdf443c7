/** Logs of pppd 2.4.9 and 2.5, shortened to the lines that tell; addresses and names are examples. */

/** LCP as both ends begin; `auth` as the peer asks for it. */
export const negotiated = (auth?: string): readonly string[] => [
  "using channel 1",
  "Using interface ppp0",
  "Connect: ppp0 <--> /dev/ttyUSB0",
  "sent [LCP ConfReq id=0x1 <asyncmap 0x0> <magic 0x2c7b1d5a> <pcomp> <accomp>]",
  `rcvd [LCP ConfReq id=0x0 <asyncmap 0x0> ${auth === undefined ? "" : `<auth ${auth}> `}<magic 0x97d8b3> <pcomp> <accomp>]`,
  "rcvd [LCP ConfAck id=0x1 <asyncmap 0x0> <magic 0x2c7b1d5a> <pcomp> <accomp>]",
];

export const addressed = (address: string): readonly string[] => [
  "sent [IPCP ConfReq id=0x1 <addr 0.0.0.0> <ms-dns1 0.0.0.0> <ms-dns2 0.0.0.0>]",
  `rcvd [IPCP ConfNak id=0x1 <addr ${address}> <ms-dns1 198.51.100.53> <ms-dns2 198.51.100.54>]`,
  "Could not determine remote IP address: defaulting to 10.64.64.64",
  `local  IP address ${address}`,
  "remote IP address 10.64.64.64",
  "primary   DNS address 198.51.100.53",
  "secondary DNS address 198.51.100.54",
  "Script /bin/true started (pid 4711)",
];

export const ipv6Addressed: readonly string[] = [
  "rcvd [IPV6CP ConfAck id=0x1 <addr fe80::2c7b:1d5a:9b3e:4410>]",
  "local  LL address fe80::2c7b:1d5a:9b3e:4410",
  "remote LL address fe80::0000:0000:0000:0001",
];

/** The seed of the Toradex forum: MS2372h, no CHAP secret, the peer goes on without and ends. */
export const endedDuringIpcp: readonly string[] = [
  ...negotiated("chap MD5"),
  "sent [LCP ConfRej id=0x0 <auth chap MD5>]",
  "rcvd [LCP ConfReq id=0x2 <asyncmap 0x0> <magic 0x97d8b3> <pcomp> <accomp>]",
  "sent [IPCP ConfReq id=0x1 <addr 0.0.0.0> <ms-dns1 0.0.0.0> <ms-dns2 0.0.0.0>]",
  "rcvd [LCP TermReq id=0x3]",
  "LCP terminated by peer",
  "Modem hangup",
  "Connection terminated.",
];
