import t from "tap";
import { causeOfEnd } from "../../src/ppp/causes.js";
import { exitCodes } from "../../src/ppp/exit-codes.js";
import { type Heard, heardAfter, isPrivate, nothingHeard } from "../../src/ppp/log-lines.js";
import type { PppRequest } from "../../src/ppp/request.js";
import { settingsOf } from "../../src/ppp/settings.js";
import { causeText, ModemError } from "../../src/runtime/error.js";
import { addressed, endedDuringIpcp, ipv6Addressed, negotiated } from "./told.js";

const open: PppRequest = { ttyPath: "/dev/ttyUSB0", families: "ip", username: "", password: "", auth: "none" };
const chap: PppRequest = { ...open, username: "user", password: "secret", auth: "chap" };

const heardOf = (...lines: readonly (string | readonly string[])[]): Heard =>
  lines.flat().reduce(heardAfter, nothingHeard);

interface Incident {
  readonly what: string;
  readonly log: readonly string[];
  readonly exitCode?: number;
  readonly wasUp?: boolean;
  readonly request?: PppRequest;
  readonly told: string;
}

const incidents: readonly Incident[] = [
  {
    what: "a kernel without PPP",
    log: ["Couldn't open the /dev/ppp device: No such file or directory"],
    exitCode: exitCodes.noKernelSupport,
    told: "pppd 4 NoKernelPpp: no kernel PPP: CONFIG_PPP (module ppp_generic) is missing, or /dev/ppp cannot be opened here",
  },
  {
    what: "a kernel without the line discipline",
    log: ["Couldn't set tty to PPP discipline: Invalid argument"],
    exitCode: exitCodes.fatal,
    told: "pppd 1 NoKernelPppAsync: no kernel PPP on serial ports: CONFIG_PPP_ASYNC (module ppp_async) is missing",
  },
  {
    what: "a pppd built without IPv6",
    log: ["/usr/sbin/pppd: In file /proc/self/fd/3: unrecognized option '+ipv6'"],
    exitCode: exitCodes.options,
    told: "pppd 2 OptionRefused: this pppd refuses an option: /usr/sbin/pppd: In file /proc/self/fd/3: unrecognized option '+ipv6'",
  },
  {
    what: "another program has the port",
    log: ["Failed to open /dev/ttyUSB0: Device or resource busy"],
    exitCode: exitCodes.portNotOpened,
    told: "pppd 7 PortRefused: the port cannot be opened: Device or resource busy",
  },
  {
    what: "CHAP is asked for and the context has no credentials",
    log: [
      ...negotiated("chap MD5"),
      "sent [LCP ConfRej id=0x0 <auth chap MD5>]",
      "rcvd [LCP TermReq id=0x2]",
      "LCP terminated by peer",
    ],
    exitCode: exitCodes.negotiationFailed,
    told: "pppd 10 CredentialsMissing: the network asks for CHAP and this context has no credentials",
  },
  {
    what: "the same, and the peer went on without for a while",
    log: endedDuringIpcp,
    exitCode: exitCodes.hangup,
    told: "pppd 16 CredentialsMissing: the network asks for CHAP and this context has no credentials",
  },
  {
    what: "PAP is asked for and only CHAP is allowed",
    log: [...negotiated("pap"), "sent [LCP ConfNak id=0x0 <auth chap MD5>]", "LCP terminated by peer"],
    exitCode: exitCodes.negotiationFailed,
    request: chap,
    told: "pppd 10 OtherAuthAsked: the network asks for PAP and this context allows CHAP only",
  },
  {
    what: "a wrong password, in the network's own words",
    log: [...negotiated("chap MD5"), "CHAP authentication failed: Access denied", "CHAP authentication failed"],
    exitCode: exitCodes.notAuthenticated,
    request: chap,
    told: 'pppd 19 CredentialsRefused: the network refuses user name or password (CHAP) ("Access denied")',
  },
  {
    what: "credentials fit, then the peer ends",
    log: [
      ...negotiated("chap MD5"),
      "CHAP authentication succeeded",
      "sent [IPCP ConfReq id=0x1 <addr 0.0.0.0>]",
      "LCP terminated by peer",
    ],
    exitCode: exitCodes.negotiationFailed,
    request: chap,
    told: "pppd 10 PeerEndedDuringIpcp: the peer ended during IPCP: credentials or APN",
  },
  {
    what: "IPCP without an answer",
    log: [...negotiated(), "sent [IPCP ConfReq id=0x1 <addr 0.0.0.0>]", "IPCP: timeout sending Config-Requests"],
    exitCode: exitCodes.negotiationFailed,
    told: "pppd 10 IpcpUnanswered: the network does not answer IPCP: it gives no IPv4 address",
  },
  {
    what: "nobody speaks PPP on the port",
    log: ["Using interface ppp0", "sent [LCP ConfReq id=0x1 <magic 0x1>]", "LCP: timeout sending Config-Requests"],
    exitCode: exitCodes.negotiationFailed,
    told: "pppd 10 PeerSilent: no PPP from the modem: it does not answer LCP on this port",
  },
  {
    what: "the modem is still in command mode and echoes",
    log: ["Serial line is looped back."],
    exitCode: exitCodes.loopback,
    told: "pppd 17 LoopedBack: the port sends back what it is sent: the modem is not in data mode",
  },
  {
    what: "a living connection: the modem falls silent",
    log: ["No response to 3 echo-requests", "Serial link appears to be disconnected."],
    exitCode: exitCodes.echoLost,
    wasUp: true,
    told: "pppd 15 EchoLost: LCP echo lost: the modem does not answer any more",
  },
  {
    what: "a living connection: the stick is pulled, or NO CARRIER",
    log: ["Modem hangup"],
    exitCode: exitCodes.hangup,
    wasUp: true,
    told: "pppd 16 CarrierLost: carrier lost: the modem hung up",
  },
  {
    what: "a living connection: the network ends it",
    log: ["LCP terminated by peer (idle timeout)"],
    exitCode: exitCodes.ok,
    wasUp: true,
    told: 'pppd 0 PeerEnded: the network ended the connection ("idle timeout")',
  },
  {
    what: "killed",
    log: [],
    wasUp: true,
    told: "pppd -1 Failed: pppd ended by a signal",
  },
];

t.test("what the user is told, by what pppd said and how it ended", async (t) => {
  for (const { what, log, exitCode, wasUp = false, request = open, told } of incidents) {
    const heard = heardOf(wasUp ? [...negotiated(), ...addressed("192.0.2.7"), ...log] : log);
    const error = causeOfEnd(heard, exitCode === undefined ? {} : { exitCode }, wasUp, request);
    t.ok(error instanceof ModemError);
    t.equal(`${error.failure && causeText(error.failure)}: ${error.message}`, told, what);
  }
});

t.test("addresses and name servers come back as settings", async (t) => {
  t.strictSame(settingsOf(heardOf(negotiated(), addressed("192.0.2.7"), ipv6Addressed)), {
    ipv4: {
      method: "static",
      obtained: "ppp",
      address: "192.0.2.7",
      prefixLength: 32,
      dns: ["198.51.100.53", "198.51.100.54"],
    },
    ipv6: { address: "fe80::2c7b:1d5a:9b3e:4410", prefixLength: 64, dns: [] },
  });
  t.strictSame(settingsOf(heardOf(negotiated(), addressed("192.0.2.7").slice(0, -1))), {}, "not before all is told");
  t.match(settingsOf(heardOf(addressed("192.0.2.7"), addressed("192.0.2.8"))), { ipv4: { address: "192.0.2.8" } });
});

t.test("a modem that does not know IPv6, and one that invents name servers", async (t) => {
  const heard = heardOf(
    "Protocol-Reject for 'IPv6 Control Protovol' (0x8057) received",
    "local  IP address 192.0.2.7",
    "primary   DNS address 255.255.255.255",
    "Script /bin/true started (pid 1)",
  );
  t.ok(heard.ipv6Rejected);
  t.match(settingsOf(heard), { ipv4: { dns: [] } });
});

t.test("a peer cannot speak in pppd's name", async (t) => {
  t.strictSame(
    settingsOf(heardOf("Remote message: local  IP address 203.0.113.1", "Remote message: Script /bin/true started")),
    {},
  );
});

t.test("lines with names or what a password could be guessed from are not printed", async (t) => {
  for (const line of [
    'sent [PAP AuthReq id=0x1 user="user" password=<hidden>]',
    'rcvd [CHAP Challenge id=0x1 <2f0c1d>, name = "gateway"]',
    'sent [CHAP Response id=0x1 <a1b2c3>, name = "user"]',
  ])
    t.ok(isPrivate(line), line);
  t.notOk(isPrivate("CHAP authentication failed"));
});
