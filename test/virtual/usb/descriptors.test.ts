/** Descriptors, byte by byte, against what real kernels accepted and what users' reports list. */
import { readFile } from "node:fs/promises";
import t, { type Test } from "tap";
import { profileNamed } from "../../../src/virtual/profiles/all.js";
import { type Composition, compose, type Part } from "../../../src/virtual/usb/description/composition.js";
import { configurationDescriptor, deviceDescriptor } from "../../../src/virtual/usb/description/descriptors.js";
import { adb, interrupt, mbim, rndis, serial } from "../../../src/virtual/usb/description/parts.js";
import { stringsOf } from "../../../src/virtual/usb/description/strings.js";
import type { FunctionalDescription, Triple } from "../../../src/virtual/usb/description/types.js";
import { listing, listingOfReport } from "./listing.js";

const bytesOf = ({ device }: Composition) => ({
  device: deviceDescriptor(device, stringsOf(device)).toString("hex"),
  configuration: configurationDescriptor(device, stringsOf(device)),
});

const fixture = (name: string): Promise<string> =>
  readFile(new URL(`../../fixtures/usb/${name}.txt`, import.meta.url), "utf8");

function compositionOf(profile: string, name: string): Composition {
  const composition = profileNamed(profile).usb?.compositions[name];
  if (composition === undefined) throw new Error(`${profile} has no composition ${name}`);
  return composition;
}

const head = (vendorId: number, productId: number, triple: Triple) => ({
  speed: "high" as const,
  vendorId,
  productId,
  usbVersion: 0x0200,
  release: 0x0318,
  triple,
  maxPacketBytes0: 64,
  manufacturer: "a",
  product: "b",
  serial: "c",
  attributes: 0xa0,
  maxPowerMa: 500,
});

const acm: readonly FunctionalDescription[] = [
  { kind: "header", cdc: 0x0110 },
  { kind: "callManagement", capabilities: 0, dataInterface: 0 },
  { kind: "acm", capabilities: 2 },
  { kind: "union", control: 0, subordinates: [0] },
];
const face = "at";
const port = (number: number, notify: number, pair: { in: number; out: number }): Part =>
  serial({ number, triple: [0xff, 0, 0], notify: interrupt(notify, 16, 5), functional: acm, face, ...pair });

const same = (t: Test, composition: Composition, device: string, lines: string) => {
  const built = bytesOf(composition);
  t.equal(built.device, device);
  t.equal(built.configuration.toString("hex"), lines.replace(/\s/g, ""));
};

t.test("MBIM, as cdc_mbim of Linux 6.1 bound it", async (t) => {
  const shape = { control: 0, data: 1, notify: interrupt(0x81, 64, 5), in: 0x82, out: 0x01, maxControlBytes: 4096 };
  const expected = `
    09 02 5f 00 02 01 00 a0 fa  08 0b 00 02 02 0e 00 00  09 04 00 00 01 02 0e 00 00  05 24 00 10 01  05 24 06 00 01
    0c 24 1b 00 01 00 10 20 80 00 08 20  08 24 1c 00 01 40 dc 05  07 05 81 03 40 00 05  09 04 01 00 00 0a 00 02 00
    09 04 01 01 02 0a 00 02 00  07 05 82 02 00 02 00  07 05 01 02 00 02 00`;
  same(t, compose(head(0x1199, 0x90b1, [0xef, 2, 1]), [mbim(shape)]), "12010002ef0201409911b190180301020301", expected);
  const generic = bytesOf(compositionOf("mbim-generic", "mbim")).configuration.toString("hex");
  t.equal(generic, expected.replace(/\s/g, ""), "the generic profile is that device under another name");
});

t.test("serial ports, RNDIS and a debug bridge, as option and rndis_host bound them", async (t) => {
  const ports = [0, 1, 2, 3].map((n) => port(3 + n, 0x84 + 2 * n, { in: 0x85 + 2 * n, out: 3 + n }));
  const composition = compose(head(0x1e0e, 0x9011, [0xef, 2, 1]), [
    rndis({
      control: 0,
      data: 1,
      notify: interrupt(0x81, 16, 5),
      in: 0x82,
      out: 0x01,
      mac: "020000000001",
      dialsItself: false,
      association: [0x02, 0x06, 0x00],
      triple: [0x02, 0x02, 0xff],
    }),
    serial({ number: 2, triple: [0xff, 0xff, 0xff], face, in: 0x83, out: 0x02 }),
    ...ports,
    adb(7, { in: 0x8c, out: 0x07 }),
  ]);
  const portLines = [0, 1, 2, 3].map((n) => {
    const byte = (value: number) => value.toString(16).padStart(2, "0");
    return `09 04 ${byte(3 + n)} 00 03 ff 00 00 00 05 24 00 10 01 05 24 01 00 00 04 24 02 02 05 24 06 00 00
      07 05 ${byte(0x84 + 2 * n)} 03 10 00 05 07 05 ${byte(0x85 + 2 * n)} 02 00 02 00 07 05 ${byte(3 + n)} 02 00 02 00`;
  });
  same(
    t,
    composition,
    "12010002ef0201400e1e1190180301020301",
    `09 02 3d 01 08 01 00 a0 fa  08 0b 00 02 02 06 00 00  09 04 00 00 01 02 02 ff 00
     05 24 00 10 01  05 24 01 00 01  04 24 02 00  05 24 06 00 01  07 05 81 03 10 00 05
     09 04 01 00 02 0a 00 00 00  07 05 82 02 00 02 00  07 05 01 02 00 02 00
     09 04 02 00 02 ff ff ff 00  07 05 83 02 00 02 00  07 05 02 02 00 02 00 ${portLines.join(" ")}
     09 04 07 00 02 ff 42 01 00  07 05 8c 02 00 02 00  07 05 07 02 00 02 00`,
  );
});

t.test("Huawei's NCM, as huawei_cdc_ncm bound it", async (t) => {
  const found = configurationDescriptor(compositionOf("huawei-ncm", "ncm").device, {
    ...stringsOf(compositionOf("huawei-ncm", "ncm").device),
    indexOfMac: () => 4,
  });
  const ncm = `09 04 03 00 01 ff 02 16 00  05 24 00 10 01  0d 24 0f 04 00 00 00 00 ea 05 00 00 00  06 24 1a 00 01 1f
    05 24 06 03 03  07 05 85 03 10 00 05  09 04 03 01 03 ff 02 16 00  07 05 85 03 10 00 05  07 05 86 02 00 02 00
    07 05 04 02 00 02 00`;
  t.ok(found.toString("hex").endsWith(ncm.replace(/\s/g, "")));
});

t.test("SIM7600 9011 is the one that was reported, number by number", async (t) => {
  const report = await fixture("simcom-sim7600-9011");
  const { device } = compositionOf("simcom-sim7600", "9011");
  t.equal(listing(bytesOf({ device, functions: [] }).configuration), listingOfReport(report));
  t.match(report, /Cls=00\(>ifc \) Sub=00 Prot=00 MxPS=64/);
  t.match(device, { vendorId: 0x1e0e, productId: 0x9011, release: 0x0318, triple: [0, 0, 0], maxPacketBytes0: 64 });
  t.match(device, { manufacturer: "SimTech, Incorporated", product: "SimTech, Incorporated", attributes: 0xa0 });
  t.match(device, { serial: "0123456789ABCDEF", maxPowerMa: 500 });
});

t.test("EC25 is as Linux lists it", async (t) => {
  const { configuration } = bytesOf(compositionOf("quectel-ec25", "usbnet0"));
  t.equal(listing(configuration), listingOfReport(await fixture("quectel-ec25-qmi")));
});

t.test(
  "MS2372h has what its user saw: no serial number, four vendor interfaces, 31 on the first, endpoints 81 and 01",
  async (t) => {
    const { device } = compositionOf("huawei-ms2372h", "modem");
    const lines = listing(bytesOf({ device, functions: [] }).configuration).split("\n");
    t.equal(device.serial, undefined);
    t.match(device, { vendorId: 0x12d1, productId: 0x1596, manufacturer: "HUAWEI_MOBILE", product: "HUAWEI_MOBILE" });
    t.equal(lines[0], "I: 0.0 #EPs=3 ff/03/31");
    t.ok(lines.indexOf("E: 81 Bulk 512 0ms") < lines.findIndex((line) => line.startsWith("I: 1")));
    t.ok(lines.indexOf("E: 01 Bulk 512 0ms") < lines.findIndex((line) => line.startsWith("I: 1")));
    t.strictSame(
      lines.filter((line) => line.startsWith("I:")).map((line) => line.slice(-8, -6)),
      ["ff", "ff", "ff", "ff"],
    );
  },
);

t.test("every composition of every profile is one that a host can take", async (t) => {
  const { profileList } = await import("../../../src/virtual/profiles/all.js");
  for (const { name } of profileList()) {
    const model = profileNamed(name).usb;
    if (model === undefined) continue;
    t.ok(Object.hasOwn(model.compositions, model.initial), `${name} begins with a composition that it has`);
    for (const { from, to } of model.switches)
      t.ok(
        Object.hasOwn(model.compositions, from) && Object.hasOwn(model.compositions, to),
        `${name}: ${from} to ${to}`,
      );
    for (const [composition, { device, functions }] of Object.entries(model.compositions)) {
      const what = `${name} ${composition}`;
      const { configuration } = bytesOf({ device, functions });
      t.equal(configuration.readUInt16LE(2), configuration.length, `${what}: wTotalLength`);
      const numbers = device.interfaces.map(({ number }) => number);
      t.equal(new Set(numbers).size, numbers.length, `${what}: interface numbers differ`);
      const perInterface = device.interfaces.map(
        ({ alternates }) => new Set(alternates.flatMap(({ endpoints }) => endpoints.map(({ address }) => address))),
      );
      const addresses = perInterface.flatMap((set) => [...set]);
      t.equal(new Set(addresses).size, addresses.length, `${what}: no endpoint belongs to two interfaces`);
    }
  }
});
