/** What goes wrong with a connection over PPP: told by name, and over when its cause is, without a restart. */
import { setTimeout as pause } from "node:timers/promises";
import { scenario } from "../guest/scenario.js";
import { connected, Stick } from "../guest/stick.js";

const withCredentials = connected('apn = "secure"\nip = "v4"\nuser = "wwand"\npassword = "carrier"\nauth = "chap"');
const missing = "the network asks for CHAP and this context has no credentials";
/** The network refuses for good what it refuses like this: a minute sees one dial. */
const quietMs = 45_000;

scenario(
  "CHAP is required and the context has no credentials: said in one sentence, nothing spins, and a client helps",
  async (t, g) => {
    const stick = await Stick.plugIn(t, g, connected('apn = "secure"\nip = "v4"'));
    await stick.isDownBecause(missing);
    const quiet = pause(quietMs);
    t.match(await stick.wwanctl("modem", "at_0"), missing);
    await quiet;
    t.equal(stick.dials, 1, "dialled once");
    await stick.giveCredentials();
    await stick.isOnline();
    t.equal((await stick.daemon.end()).code, 0);
  },
  { limitMs: 240_000 },
);

scenario(
  "pppd itself at the network's end, with CHAP required: from plug to ping once there are credentials, ended and back",
  async (t, g) => {
    const pppdFor = { settings: { pppdFor: "secure" } };
    const stick = await Stick.plugIn(t, g, connected('apn = "secure"\nip = "v4"'), pppdFor);
    await stick.isDownBecause(missing);
    await stick.giveCredentials();
    await stick.isOnline();
    await stick.modem.step("drop-bearer");
    await stick.wasLostBecause("the network ended the connection");
    await stick.isOnline();
    t.equal((await stick.daemon.end()).code, 0);
  },
  { limitMs: 240_000 },
);

scenario(
  "what the two ends of PPP do not agree on is said in one sentence, and another setting ends it",
  async (t, g) => {
    const stick = await Stick.plugIn(t, g, withCredentials);
    await stick.isOnline();
    await stick.modem.step("ppp", "insists=yes");
    await stick.modem.step("ppp", "asks=pap");
    await stick.modem.step("drop-bearer");
    await stick.isDownBecause("the network asks for PAP and this context allows CHAP only");
    await stick.set("AccessPointName", "internet");
    await stick.set("AuthenticationMethod", "pap");
    await stick.isOnline();

    await stick.modem.step("ppp", "asks=chap");
    await stick.modem.step("drop-bearer");
    await stick.isDownBecause("the network asks for CHAP and this context allows PAP only");
    await stick.modem.step("ppp", "refuses=auth");
    await stick.set("Password", "wrong");
    await stick.set("AccessPointName", "secure");
    await stick.set("AuthenticationMethod", "chap");
    await stick.isDownBecause("the network refuses user name or password (CHAP)");
    await stick.modem.step("ppp", "refuses=ipcp");
    await stick.set("AccessPointName", "nowhere");
    await stick.isDownBecause("the peer ended during IPCP: credentials or APN");
    await stick.set("AccessPointName", "secure");
    await stick.set("Password", "carrier");
    await stick.isOnline();
    t.notMatch(stick.daemon.text, /wrong/, "no password in the log");
    t.equal((await stick.daemon.end()).code, 0);
  },
  { limitMs: 240_000 },
);

scenario(
  "a connection over PPP ends: by the network, by the carrier, with a killed pppd, with the port; each time it comes back",
  async (t, g) => {
    const stick = await Stick.plugIn(t, g, withCredentials);
    await stick.isOnline();
    await stick.modem.step("drop-bearer");
    await stick.wasLostBecause("the network ended the connection (pppd 16 PeerEnded)");
    await stick.isOnline();
    await stick.modem.step("ppp", "ends=carrier");
    await stick.modem.step("drop-bearer");
    await stick.wasLostBecause("carrier lost: the modem hung up (pppd 16 CarrierLost)");
    await stick.isOnline();
    await g.must("pkill", ["-KILL", "-x", "pppd"]);
    await stick.wasLostBecause("pppd ended by a signal (pppd -1 Failed)");
    await stick.isOnline();
    await stick.modem.step("unplug");
    await stick.says(/device: gone/);
    await stick.modem.step("replug");
    await stick.isOnline();
    t.notMatch(stick.daemon.text, /changed by another program/, "pppd's own doings are nobody else's");
    t.equal((await stick.daemon.end()).code, 0);
  },
  { limitMs: 240_000 },
);

scenario(
  "the modem stops answering in the middle of a connection over PPP: LCP echo lost, and back with it",
  async (t, g) => {
    const stick = await Stick.plugIn(t, g, withCredentials);
    await stick.isOnline();
    await stick.modem.step("ppp", "line=dead");
    // pppd asks every 20 s, and gives up after three.
    await stick.wasLostBecause("LCP echo lost: the modem does not answer any more", 150_000);
    await stick.modem.step("ppp", "line=alive");
    await stick.isOnline();
    t.equal((await stick.daemon.end()).code, 0);
  },
  { limitMs: 300_000 },
);
