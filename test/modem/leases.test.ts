/** A modem whose interface has to be asked for its address. */
import { EventEmitter } from "eventemitter3";
import t from "tap";
import type { Lease, LeaseEvents, LeasePort } from "../../src/modem/link-port.js";
import { endedByNetwork } from "../../src/modem/ports.js";
import type { IpSettings } from "../../src/network/types.js";
import { ModemError } from "../../src/runtime/error.js";
import { client, Rig } from "./rig.js";

const leased = (address: string): IpSettings => ({
  mtu: 1428,
  ipv4: { method: "static", obtained: "dhcp", address, prefixLength: 24, gateway: "192.0.2.1", dns: ["192.0.2.1"] },
});
const untold: IpSettings = { mtu: 1500, ipv4: { method: "dhcp" } };

/** A DHCP server behind the interface, and its one client. */
class Server implements LeasePort {
  readonly diary: string[] = [];
  refusal: ModemError | undefined;
  /** Waits until then. */
  silent = false;
  /** Its answer comes in the moment in which nobody wants it any more. */
  late = false;
  events = new EventEmitter<LeaseEvents>();
  #settings = leased("192.0.2.7");

  obtain(interfaceName: string, signal: AbortSignal): Promise<Lease> {
    this.diary.push(`asked on ${interfaceName}`);
    if (this.refusal) return Promise.reject(this.refusal);
    if (this.silent)
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
    if (this.late)
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve(this.#lease()), { once: true }));
    return Promise.resolve(this.#lease());
  }

  #lease(): Lease {
    const events = new EventEmitter<LeaseEvents>();
    this.events = events;
    const settings = () => this.#settings;
    return {
      events,
      get settings() {
        return settings();
      },
      stop: () => {
        this.diary.push("given back");
        return Promise.resolve();
      },
    };
  }

  renumber(address: string): void {
    this.#settings = leased(address);
    this.events.emit("changed", this.#settings);
  }
}

async function connected(told = untold, ipMethod?: "static" | "dhcp" | "ppp") {
  const server = new Server();
  const rig = new Rig({
    leases: server,
    modem: { standingReasons: ["connect"], ...(ipMethod === undefined ? {} : { ipMethod: () => ipMethod }) },
  });
  rig.driver.nextSettings = told;
  await rig.clock.advance(100);
  return { rig, server };
}

t.test("the bearer is up once the server has answered, with what it told", async (t) => {
  const { rig, server } = await connected();
  t.strictSame(
    rig.lines().filter((line) => /192|dhcp/.test(line)),
    ["link wwan0 up 192.0.2.7 for self", "uplink up 192.0.2.7", "Settings=192.0.2.7"],
  );
  t.match(rig.modem.bearers[0]?.settings, { mtu: 1428, ipv4: { obtained: "dhcp", gateway: "192.0.2.1" } });
  t.strictSame(server.diary, ["asked on wwan0"]);
  await rig.modem.close(new ModemError("aborted", "over"));
  t.strictSame(server.diary, ["asked on wwan0", "given back"]);
});

t.test("another address on a living bearer", async (t) => {
  const { rig, server } = await connected();
  rig.lines();
  server.renumber("192.0.2.8");
  await rig.clock.advance(10);
  t.strictSame(
    rig.lines().filter((line) => /192/.test(line)),
    ["link wwan0 up 192.0.2.8 for self", "uplink changed 192.0.2.8", "Settings=192.0.2.8"],
  );
  await rig.modem.close(new ModemError("aborted", "over"));
});

t.test("the lease is lost: the call ends with it, its cause is kept, and it is dialled again", async (t) => {
  const { rig, server } = await connected();
  const failure = { domain: "dhcp", code: 6, name: "Nak" } as const;
  rig.lines();
  const firstCall = [...rig.driver.calls.keys()];
  server.events.emit("ended", new ModemError("refused", "the DHCP server refuses the address", { failure }));
  await rig.clock.advance(10_000);
  t.ok(rig.lines().includes("uplink lost"));
  t.notSame([...rig.driver.calls.keys()], firstCall, "another call");
  t.equal(rig.driver.calls.size, 1, "the first one is not left open");
  t.match(rig.modem.bearers[0]?.settings, { ipv4: { address: "192.0.2.7" } });
  await rig.modem.close(new ModemError("aborted", "over"));
});

t.test("nobody answers: the call is stopped, and the cause is the modem's", async (t) => {
  const { rig, server } = await connected();
  await rig.modem.close(new ModemError("aborted", "over"));
  const failure = { domain: "dhcp", code: 0, name: "NoServer" } as const;
  const again = new Rig({ leases: server, modem: { standingReasons: ["connect"] } });
  server.refusal = new ModemError("timeout", "no DHCP server answers on wwan0", { failure });
  again.driver.nextSettings = untold;
  await again.clock.advance(100);
  t.equal(again.driver.calls.size, 0);
  t.match(again.modem.state.cause, failure);
  await again.modem.close(new ModemError("aborted", "over"));
});

t.test("the network ends the call while the server is being asked", async (t) => {
  const server = new Server();
  server.silent = true;
  const rig = new Rig({ leases: server, modem: { standingReasons: ["connect"] } });
  rig.driver.nextSettings = untold;
  await rig.clock.advance(10);
  const [handle = 0] = rig.driver.calls.keys();
  rig.driver.calls.delete(handle);
  server.silent = false;
  rig.driver.events.emit("callEnded", handle, endedByNetwork(undefined));
  await rig.clock.advance(10_000);
  t.strictSame(server.diary.slice(0, 2), ["asked on wwan0", "asked on wwan0"], "asked anew with the next call");
  await rig.modem.close(new ModemError("aborted", "over"));
});

t.test("a client that owns the addresses asks by itself", async (t) => {
  const server = new Server();
  const rig = new Rig({ leases: server });
  rig.driver.nextSettings = untold;
  await rig.goOnline();
  await rig.context.setActive(true, client);
  t.ok(rig.lines().includes("Settings=dhcp"));
  t.strictSame(server.diary, []);
  await rig.modem.close(new ModemError("aborted", "over"));
});

t.test("forced by configuration", async (t) => {
  const told: IpSettings = { ipv4: { method: "static", address: "10.20.0.2", prefixLength: 30, dns: [] } };
  const asked = await connected(told, "dhcp");
  t.match(asked.rig.modem.bearers[0]?.settings, { ipv4: { address: "192.0.2.7" } }, "although the modem told one");
  await asked.rig.modem.close(new ModemError("aborted", "over"));
  const overPpp: IpSettings = {
    ipv4: { method: "static", obtained: "ppp", address: "10.20.0.2", prefixLength: 32, dns: [] },
  };
  for (const [method, settings] of [
    ["static", untold],
    ["ppp", told],
    ["dhcp", overPpp],
  ] as const) {
    const { rig } = await connected(settings, method);
    t.strictSame(rig.modem.bearers, [], `${method} is not what this modem has`);
    t.equal(rig.driver.calls.size, 0);
    await rig.modem.close(new ModemError("aborted", "over"));
  }
});

t.test("the network ends the call in the moment in which the server answers", async (t) => {
  const server = new Server();
  server.late = true;
  const rig = new Rig({ leases: server, modem: { standingReasons: ["connect"] } });
  rig.driver.nextSettings = untold;
  await rig.clock.advance(10);
  const [handle = 0] = rig.driver.calls.keys();
  rig.driver.calls.delete(handle);
  rig.driver.events.emit("callEnded", handle, endedByNetwork(undefined));
  await rig.clock.advance(10);
  t.strictSame(server.diary.slice(0, 2), ["asked on wwan0", "given back"], "nobody keeps its lease");
  await rig.modem.close(new ModemError("aborted", "over"));
});
