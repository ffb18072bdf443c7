/** What serial ports speak where it is not what the profile says, and how much a host asked them. */
import t from "tap";
import { counted } from "../../src/virtual/faces/counted.js";
import { quectelEc25 } from "../../src/virtual/profiles/quectel-ec25.js";
import { withSettings } from "../../src/virtual/settings.js";

const facesOf = (portFaces: string) =>
  withSettings(quectelEc25, { portFaces }).usb?.compositions.usbnet0?.functions.map((one) =>
    one.kind === "serial" ? `${one.interface} ${one.face}` : one.kind,
  );

t.test("a port speaks what the user says, in every composition", async (t) => {
  t.strictSame(facesOf("0=at,3=silent"), ["0 at", "1 nmea", "2 at", "3 silent", "qmi"]);
  const ecm = withSettings(quectelEc25, { portFaces: "1=at" }).usb?.compositions.usbnet1?.functions[1];
  t.match(ecm, { face: "at" });
});

t.test("what is no port, or no protocol of one, is refused in words", async (t) => {
  const refusal = (portFaces: string) => {
    try {
      return String(facesOf(portFaces));
    } catch (error) {
      return String(Object(error).cause);
    }
  };
  t.equal(refusal("4=at"), "Error: quectel-ec25 has no serial port on interface 4");
  t.equal(refusal("0=mbim"), 'Error: expected INTERFACE=FACE with at, diag, nmea, silent, found "0=mbim"');
  t.equal(refusal("at"), 'Error: expected INTERFACE=FACE with at, diag, nmea, silent, found "at"');
});

t.test("requests are counted as they end: by the line on a serial port, by the message elsewhere", async (t) => {
  const count = (name: "at" | "qmi" | "diag" | "silent", ...writes: readonly string[]) => {
    let asked = 0;
    const quiet = { feed: () => undefined, hostLeft: () => undefined, close: () => undefined };
    const face = counted(name, quiet, () => (asked += 1));
    for (const write of writes) face.feed(Buffer.from(write, "latin1"));
    return asked;
  };
  t.equal(count("at", "A", "T", "\r"), 1, "as ModemManager writes");
  t.equal(count("at", "AT\rATI\r"), 2);
  t.equal(count("diag", "\x00\x78\xf0~"), 1);
  t.equal(count("qmi", "message \r with any byte", "another"), 2);
});
