/** The virtual modem on a USB bus as a host sees it that imports it over TCP, from the first request to the pulled cable. */
import { connect } from "node:net";
import t, { type Test } from "tap";
import { decodeStruct, encodeStruct } from "../../../src/codec/struct.js";
import { encodeFrames, type MbimMessage } from "../../../src/mbim/frame.js";
import { MbimReceiver } from "../../../src/mbim/receive.js";
import * as bc from "../../../src/mbim/services/basic-connect.js";
import { systemClock } from "../../../src/runtime/clock.js";
import { silentLog } from "../../../src/runtime/log.js";
import { startVirtualModem } from "../../../src/virtual/modem.js";
import { profileNamed } from "../../../src/virtual/profiles/all.js";
import { nthModem } from "../../../src/virtual/profiles/nth.js";
import { ipSignature, NtbBuilder, parseNtb } from "../../../src/virtual/usb/functions/ntb.js";
import { openUsbipServer } from "../../../src/virtual/usb/usbip/server.js";
import { list, refusal, UsbHost } from "./host.js";
import { attached } from "./ready.js";

const quick = { searchMs: "1", attachMs: "1", connectMs: "1", attachesByItself: "true" };

async function rig(t: Test, ...profiles: readonly string[]) {
  const bus = await openUsbipServer({ host: "127.0.0.1", tcpPort: 0, log: silentLog });
  t.teardown(() => bus.close());
  const modems = [];
  for (const [index, profile] of profiles.entries()) {
    const modem = await startVirtualModem({
      profile: nthModem(profileNamed(profile), index),
      port: { kind: "usb", port: bus.openPort() },
      settings: profile === "arduino-uno" ? {} : quick,
    });
    t.teardown(() => modem.close());
    modems.push(modem);
  }
  const [modem] = modems;
  if (modem === undefined) throw new Error("no modem");
  return { tcpPort: bus.tcpPort, modem, modems };
}

const arrived = (message: Buffer): MbimMessage => {
  let heard: MbimMessage | undefined;
  const receiver = new MbimReceiver("bytes", systemClock, {
    message: (it) => {
      heard = it;
    },
    fault: () => undefined,
    garbage: () => undefined,
  });
  receiver.feed(message);
  receiver.close();
  if (heard === undefined) throw new Error(`no MBIM message: ${message.toString("hex")}`);
  return heard;
};

/** One command as cdc-wdm sends it: written, announced, fetched. */
async function ask(host: UsbHost, message: MbimMessage): Promise<MbimMessage> {
  const notification = host.submit(0x81, 64);
  for (const frame of encodeFrames(message, 4096)) {
    const status = await host.control("2100 0000 0000 0000", frame);
    if (status !== 0) throw new Error(`SEND_ENCAPSULATED_COMMAND: ${status}`);
  }
  const notified = (await host.reply(notification)).data.toString("hex");
  if (notified !== "a101000000000000") throw new Error(`the interrupt endpoint says ${notified}`);
  const response = await host.control("a101 0000 0000 0010");
  if (typeof response === "number") throw new Error(`GET_ENCAPSULATED_RESPONSE: ${response}`);
  return arrived(response);
}

const open: MbimMessage = { type: "open", transaction: 1, maxControlTransfer: 4096 };

t.test("a host lists, imports, enumerates, and lets go again", async (t) => {
  const { tcpPort, modem } = await rig(t, "mbim-generic", "huawei-ms2372h");
  t.match(modem.state().usb, { ids: "1209:0001", hasHost: false });
  const listed = await list(tcpPort);
  t.match(listed, [/^1-1 1209:0001 020e00,0a0002$/, /^1-2 12d1:1596 ff0331,ff0332,ff0333,ff03a1$/]);
  t.equal(await refusal(tcpPort, "1-9"), 4, "there is no such device");
  const host = await UsbHost.import(tcpPort, "1-1");
  t.equal(await refusal(tcpPort, "1-1"), 2, "one host at a time");
  t.match(await list(tcpPort), [/^1-2 /], "what is taken is not offered");
  t.equal(await host.enumerate(), "1209:0001");
  t.match(modem.state().usb, { hasHost: true });
  t.match(await host.control("8006 0003 0904 ff00"), Buffer.from("04030904", "hex"));
  t.equal(await host.control("8006 0006 0000 0a00"), -32, "no device qualifier: a stall");
  host.detach();
  await host.gone;
  t.match(modem.state().usb, { hasHost: false });
  const next = await UsbHost.import(tcpPort, "1-1");
  t.equal(await next.enumerate(), "1209:0001", "the next host has it");
  next.detach();
});

t.test("MBIM: control messages and packets of two sessions", async (t) => {
  const { tcpPort, modem } = await rig(t, "mbim-generic");
  const host = await UsbHost.import(tcpPort, "1-1");
  await host.enumerate();
  t.match(await ask(host, open), { type: "openDone", status: 0 });
  const { service, cid } = bc.deviceCaps;
  const caps = await ask(host, {
    type: "command",
    transaction: 2,
    service,
    cid,
    action: "query",
    payload: encodeStruct({}, {}),
  });
  if (caps.type !== "commandDone") throw new Error(caps.type);
  t.match(decodeStruct(bc.deviceCaps.response, caps.payload), { deviceId: "004999010640000" });
  const parameters = "1c00 0100 00400000 0400 0000 0400 0000 00400000 0400 0000 0400 0000".replaceAll(" ", "");
  t.strictSame(await host.control("a180 0000 0000 1c00"), Buffer.from(parameters, "hex"), "GET_NTB_PARAMETERS");
  t.equal(await host.control("010b 0100 0100 0000"), 0, "SET_INTERFACE 1, alternate setting 1");
  await attached(modem);
  await modem.step("dial", "internet");
  const inbound = host.submit(0x82, 16_384);
  const state = modem.state();
  t.match(state.data, { upPackets: 0 });
  const packet = Buffer.from("4500001400000000400100000a4000020a400001", "hex");
  const block = new NtbBuilder(2048);
  block.add(ipSignature(0), Buffer.alloc(0), packet);
  block.add(ipSignature(5), Buffer.alloc(0), packet);
  await host.out(0x01, block.finish(0));
  await host.out(0x01, Buffer.from("no transfer block"));
  const advertised = parseNtb((await host.reply(inbound)).data);
  t.match(advertised, [{ signature: ipSignature(0) }], "the router advertises itself on session 0");
  t.equal(advertised[0]?.datagrams[0]?.readUInt8(40), 134);
  t.match(modem.state().data, { upPackets: 1, foreignAddress: 1 }, "session 5 has no such address");
  host.detach();
});

t.test("transfers that wait are withdrawn, and what nobody fetched is not for the next program", async (t) => {
  const { tcpPort, modem } = await rig(t, "mbim-generic");
  const host = await UsbHost.import(tcpPort, "1-1");
  await host.enumerate();
  t.match(await ask(host, open), { type: "openDone" });
  const waiting = host.submit(0x81, 64);
  const withdrawn = await host.reply(host.unlink(waiting));
  t.match(withdrawn, { command: 4, status: -104 });
  t.match(await host.reply(host.unlink(waiting)), { command: 4, status: 0 }, "again: it is not there any more");
  await modem.step("signal", "-60");
  t.strictSame(host.unasked, [], "a transfer that was withdrawn is never answered");
  const reopened = await ask(host, open);
  t.match(reopened, { type: "openDone" }, "the first answer is to OPEN, not an indication from before");
  host.detach();
});

t.test("unplugged, replugged, restarted, switched", async (t) => {
  const { tcpPort, modem } = await rig(t, "simcom-sim7600");
  const host = await UsbHost.import(tcpPort, "1-1");
  t.equal(await host.enumerate(), "1e0e:9001");
  await modem.step("unplug");
  await host.gone;
  t.strictSame(await list(tcpPort), []);
  t.match(modem.state().usb, { ids: undefined, composition: "9001" });
  await t.rejects(modem.step("mode", "9011"), /unplugged already/);
  await modem.step("replug");
  const again = await UsbHost.import(tcpPort, "1-1");
  await again.enumerate();
  await modem.step("mode", "9011");
  await again.gone;
  t.match(await list(tcpPort), [/1e0e:9011/]);
  await modem.step("unplug");
  await modem.step("replug");
  t.match(modem.state().usb, { ids: "1e0e:9011" }, "it remembers");
  const last = await UsbHost.import(tcpPort, "1-1");
  await modem.step("reset");
  await last.gone;
  t.match(await list(tcpPort), [/1e0e:9011/]);
  await t.rejects(modem.step("mode", "9999"), /no composition "9999"; there are: 9001, 9003, 9011, 9018/);
});

t.test("a stick that is a disc becomes a modem at the vendor's word, and a disc again when it is pulled", async (t) => {
  const { tcpPort, modem } = await rig(t, "huawei-e3131");
  const host = await UsbHost.import(tcpPort, "1-1");
  t.equal(await host.enumerate(), "12d1:1f01");
  await host.out(0x01, Buffer.from("55534243123456780000000000000011062000000101000100000000000000", "hex"));
  t.equal((await host.in(0x81, 13)).length, 13);
  await host.gone;
  t.match(await modem.step("state"), /"ids": "12d1:14dc"/);
  t.match(await list(tcpPort), [/^1-1 12d1:14dc 020600,0a0000$/]);
  await modem.step("unplug");
  await modem.step("replug");
  t.match(await list(tcpPort), [/12d1:1f01/]);
});

t.test("a serial port answers piece by piece; DTR ends what was half said", async (t) => {
  const { tcpPort } = await rig(t, "huawei-ms2372h");
  const host = await UsbHost.import(tcpPort, "1-1");
  await host.enumerate();
  t.equal(await host.control("2122 0300 0000 0000"), 0, "DTR and RTS");
  const heard = async (end: RegExp): Promise<string> => {
    let text = "";
    while (!end.test(text)) text += (await host.in(0x81, 4096)).toString("latin1");
    return text;
  };
  for (const piece of ["A", "T", "\r"]) await host.out(0x01, Buffer.from(piece));
  t.match(await heard(/OK\r\n$/), /^AT\r+\n*OK\r\n$|^AT\r\r\nOK\r\n$/);
  await host.out(0x01, Buffer.from("AT+half"));
  await heard(/half$/);
  await host.control("2122 0000 0000 0000");
  await host.control("2122 0300 0000 0000");
  await host.out(0x01, Buffer.from("AT\r"));
  t.match(await heard(/(OK|ERROR)\r\n$/), /OK\r\n$/);
  host.detach();
});

/** A line written to a port, and what the port says until `end`. */
async function said(host: UsbHost, [out, into]: readonly [number, number], line: string, end: RegExp): Promise<string> {
  let text = "";
  await host.out(out, Buffer.from(line));
  while (!end.test(text)) text += (await host.in(into, 4096)).toString("latin1");
  return text;
}

t.test(
  "SIMCom's and Quectel's commands make the modem come back as another, at once or at its next start",
  async (t) => {
    const { tcpPort, modem } = await rig(t, "simcom-sim7600", "quectel-ec25");
    const simcom = await UsbHost.import(tcpPort, "1-1");
    await simcom.enumerate();
    const second = [0x03, 0x84] as const;
    t.match(await said(simcom, second, "AT+CUSBPIDSWITCH?\r", /OK\r\n/), /\r\n\+CUSBPIDSWITCH: 9001\r\n/);
    await said(simcom, second, "AT+CUSBPIDSWITCH=9011,1,1\r", /OK\r\n/);
    await simcom.gone;
    t.match(await modem.step("state"), /"ids": "1e0e:9011"/);

    const quectel = await UsbHost.import(tcpPort, "1-2");
    await quectel.enumerate();
    await said(quectel, second, 'AT+QCFG="usbnet",2\r', /OK\r\n/);
    t.match(await said(quectel, second, 'AT+QCFG="usbnet"\r', /OK\r\n/), /\+QCFG: "usbnet",2/, "chosen");
    await said(quectel, second, "AT+CFUN=1,1\r", /OK\r\n/);
    await quectel.gone;
    t.match(
      await list(tcpPort),
      [/^1-1 1e0e:9011/, /^1-2 2c7c:0125 ffffff,ff0000,ff0000,ff0000,020e00,0a0002$/],
      "MBIM",
    );
  },
);

t.test("one port of a modem is broken, its neighbour is not", async (t) => {
  const { tcpPort, modem } = await rig(t, "quectel-ec25");
  const host = await UsbHost.import(tcpPort, "1-1");
  await host.enumerate();
  const [second, third] = [[0x03, 0x84] as const, [0x04, 0x86] as const];
  await t.rejects(
    modem.step("port-fault", "2=tired"),
    /expected INTERFACE=FAULT with silent, garbage, .* or none, found "2=tired"/,
  );
  await modem.step("port-fault", "2=garbage");
  t.notMatch(await said(host, second, "AT\r", /^.{24}$/s), /OK/);
  t.match(await said(host, third, "AT\r", /OK\r\n/), /\r\nOK\r\n/);
  await modem.step("port-fault", "2=silent");
  await host.out(0x03, Buffer.from("AT\r"));
  await modem.step("port-fault", "2=none");
  t.equal(await said(host, second, "ATE0\r", /OK\r\n/), "ATE0\r\r\nOK\r\n", "nothing was heard while it was deaf");
  t.match(modem.state().faults, { ports: {} });
  host.detach();
});

t.test("a board that is no modem records what it is told", async (t) => {
  const { tcpPort, modem } = await rig(t, "arduino-uno");
  const host = await UsbHost.import(tcpPort, "1-1");
  t.equal(await host.enumerate(), "2341:0043");
  t.equal(await modem.step("received"), "interface 0: nothing");
  await host.out(0x04, Buffer.from("AT\r"));
  t.equal(await modem.step("received"), "interface 0: 41540d");
  host.detach();
});

t.test("clients that make no sense, and devices asked for nonsense, harm nobody", async (t) => {
  const { tcpPort } = await rig(t, "quectel-ec25");
  for (const bytes of ["GET / HTTP/1.1\r\n\r\n", "\x01\x11\x80\x03"]) {
    const socket = connect(tcpPort, "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume().on("error", () => undefined);
    socket.write(bytes);
    if (bytes.length < 8) socket.destroy();
    await closed;
  }
  const host = await UsbHost.import(tcpPort, "1-1");
  await host.enumerate();
  for (const setup of ["a1ff 0000 0000 ff00", "a101 0000 0900 0010", "c000 ffff ffff ff00", "8006 ffff ffff ffff"])
    t.match(await host.control(setup), -32, setup);
  t.equal(await host.control("2100 0000 0400 0000", Buffer.alloc(5000)), -32, "a command longer than the modem takes");
  await host.out(0x05, Buffer.alloc(3));
  await host.out(0x05, Buffer.alloc(1514));
  host.write(Buffer.alloc(48));
  await host.gone;
  t.equal(await (await UsbHost.import(tcpPort, "1-1")).enumerate(), "2c7c:0125");
});
