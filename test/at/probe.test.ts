/** Ports that may be anything, asked who they are. The modems are the virtual ones, with their own idea of the protocol. */
import t, { type Test } from "tap";
import { type AtPortReport, probeAtPort } from "../../src/at/probe.js";
import { silentLog } from "../../src/runtime/log.js";
import { VirtualClock } from "../fakes/clock.js";
import { AtPorts } from "../virtual/at-ports.js";
import { AtCable } from "./cable.js";

async function probe(t: Test, cable: AtCable, forMs = 20_000, clock = new VirtualClock()) {
  const leaving = new AbortController();
  const result = probeAtPort(cable.link, { log: silentLog, clock, signal: leaving.signal });
  const outcome = result.then(
    (report): AtPortReport | string => report,
    (error: unknown) => String(error instanceof Error ? `${Reflect.get(error, "code")}: ${error.message}` : error),
  );
  await clock.advance(forMs);
  t.ok(cable.isClosed, "the port is let go");
  t.equal(clock.armed, 0, "nothing waits any more");
  return outcome;
}

/** A cable to a port of a virtual modem, set to whatever a program before us may have left. */
function virtualPort(profile: string, before = ""): AtCable {
  const port = new AtPorts(profile).open();
  port.write(before);
  port.heard();
  const cable = new AtCable();
  cable.modem = (text) => {
    port.write(text);
    return port.heard();
  };
  return cable;
}

t.test("each vendor's modem says who it is, whatever the program before has set", async (t) => {
  t.strictSame(await probe(t, virtualPort("at-generic")), {
    manufacturer: "wwand",
    model: "Virtual AT Modem",
    imei: "004999010649001",
  });
  const huawei = virtualPort("huawei-ms2372h", "ATV0\r");
  const map = new Map([
    ["MDM", 0],
    ["PCUI", 1],
    ["DIAG", 2],
  ]);
  t.strictSame(await probe(t, huawei), {
    manufacturer: "huawei",
    model: "MS2372h-153",
    imei: "004999010645009",
    huaweiPorts: map,
  });
  t.strictSame(huawei.written, ["ATQ0V1E0\r", "ATI\r", "AT^GETPORTMODE\r"], "no more");
  t.match(await probe(t, virtualPort("simcom-a7670e", "ATQ1E0\r")), { model: "A7670E-FASE" });
  const quectel = virtualPort("quectel-ec25", "AT+half a comm");
  t.match(await probe(t, quectel), { manufacturer: "Quectel", model: "EC25", imei: /^[0-9]{15}$/ });
  t.strictSame(quectel.written.slice(-2), ["ATI\r", "AT+CGSN\r"], "whose ATI does not tell the number");
  t.match(await probe(t, virtualPort("simcom-sim7600")), { model: "SIMCOM_SIM7600G-H", imei: "004999010643004" });
});

t.test("a modem that refuses the standard's questions is asked by ATI", async (t) => {
  const cable = new AtCable();
  cable.modem = (text) => {
    if (text === "ATI\r") return "\r\nManufacturer: ACME\r\nModel: X1\r\nIMEI: 353284020952548\r\n\r\nOK\r\n";
    return text.startsWith("AT+") ? "\r\nERROR\r\n" : "\r\nOK\r\n";
  };
  t.strictSame(await probe(t, cable), { manufacturer: "ACME", model: "X1", imei: "353284020952548" });
});

t.test("ports that are none: silent, late, garbage, positions", async (t) => {
  const silent = new AtCable();
  t.match(await probe(t, silent, 4_500), /^timeout: \/dev\/ttyUSB2 answers no AT command/);
  t.strictSame(silent.written, ["ATQ0V1E0\r", "ATQ0V1E0\r", "\x1b", "ATQ0V1E0\r"], "28 bytes in 4.5 s");

  const garbage = new AtCable();
  garbage.modem = () => Buffer.alloc(24, "7e0078f07e8d0a", "hex").toString("latin1");
  t.match(await probe(t, garbage, 4_500), /^timeout: /);

  const clock = new VirtualClock();
  const late = new AtCable();
  late.modem = (text) => {
    clock.after(20_000, () => late.say(`${text}\r\nOK\r\n`));
    return undefined;
  };
  const leaving = new AbortController();
  const asked = probeAtPort(late.link, { log: silentLog, clock, signal: leaving.signal });
  const failed = t.rejects(asked, { code: "timeout" });
  await clock.advance(30_000);
  await failed;

  const receiver = new AtCable();
  receiver.modem = () => "$GPGGA,092750.000,5321.6802,N,00630.3372,W,1,8,1.03,61.7,M,55.2,M,,*76\r\n";
  t.equal(await probe(t, receiver, 100), "unsupported: /dev/ttyUSB2 sends positions (NMEA)");
});

t.test(
  "a modem that answers the greeting and then dies ends within the time for all; unplugged and aborted at once",
  async (t) => {
    const cable = new AtCable();
    cable.modem = (text) => (text.startsWith("ATQ0") ? "\r\nOK\r\n" : undefined);
    t.match(await probe(t, cable, 15_000), /^timeout: /);

    const pulled = new AtCable();
    const clock = new VirtualClock();
    const options = { log: silentLog, clock, signal: new AbortController().signal };
    const unplugged = t.rejects(probeAtPort(pulled.link, options), { code: "unplugged" });
    await clock.advance(500);
    pulled.unplug();
    await unplugged;

    const left = new AtCable();
    const leaving = new AbortController();
    const aborted = t.rejects(probeAtPort(left.link, { ...options, signal: leaving.signal }), { code: "aborted" });
    await clock.advance(500);
    leaving.abort();
    await aborted;
    await clock.advance(0);
    t.ok(left.isClosed);
    t.equal(clock.armed, 0);
  },
);
