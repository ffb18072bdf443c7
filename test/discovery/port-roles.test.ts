/** Devices as their ports answer, and what wwand makes of each port. */
import t from "tap";
import { type HeardPort, type Hearing, portRoles, type RoleHint } from "../../src/discovery/port-roles.js";

const lines = (...args: Parameters<typeof portRoles>) =>
  portRoles(...args).map(({ name, role, because }) => `${name} ${role}: ${because}`);

const table = (role: RoleHint["role"], because: string): RoleHint => ({ role, because });

const hearings = {
  at: { is: "at" },
  nmea: { is: "nmea" },
  silent: { is: "silent" },
  unasked: { is: "not asked", because: "nothing says that it takes commands" },
} as const satisfies Readonly<Record<string, Hearing>>;

const port = (number: number, heard: keyof typeof hearings, hint?: RoleHint): HeardPort => ({
  ...{ name: `ttyUSB${number}`, number, heard: hearings[heard], hint },
});

const huaweiMap = new Map([
  ["MDM", 0],
  ["PCUI", 1],
  ["DIAG", 2],
  ["CDROM", 3],
]);

t.test("MS2372h, 12d1:1596: its own map decides where tables have guessed", async (t) => {
  const ports = [port(0, "at", table("primary", "a wrong table")), port(1, "at"), port(2, "unasked")];
  t.strictSame(lines(ports, huaweiMap), [
    "ttyUSB0 data: ^GETPORTMODE says MDM",
    "ttyUSB1 primary: ^GETPORTMODE says PCUI",
    "ttyUSB2 diagnostics: ^GETPORTMODE says DIAG",
  ]);
});

t.test("what a user has written goes before the vendor's map, and an answer before both", async (t) => {
  const users = (role: RoleHint["role"]): RoleHint => ({ role, because: "measured", isUsers: true });
  t.strictSame(lines([port(0, "at", users("primary")), port(1, "at", users("data"))], huaweiMap), [
    "ttyUSB0 primary: measured",
    "ttyUSB1 data: measured",
  ]);
  t.strictSame(lines([port(0, "silent", users("primary")), port(1, "at", users("data"))], huaweiMap), [
    "ttyUSB0 none: it does not answer AT commands, although: measured",
    "ttyUSB1 primary: the first that answers AT commands, although: measured",
  ]);
});

t.test(
  "a table's primary port that is silent: the next one is taken, the data port only when nothing else answers",
  async (t) => {
    const ports = (third: "at" | "silent") => [
      port(4, "silent"),
      port(3, "at", table("data", "SIM7600: modem port")),
      port(2, third, table("primary", "SIM7600: AT port")),
      port(1, "nmea", table("nmea", "SIM7600: GPS")),
      port(0, "unasked", table("diagnostics", "SIM7600: DIAG")),
    ];
    t.strictSame(lines(ports("at")), [
      "ttyUSB0 diagnostics: SIM7600: DIAG",
      "ttyUSB1 nmea: it sends positions",
      "ttyUSB2 primary: SIM7600: AT port",
      "ttyUSB3 data: SIM7600: modem port",
      "ttyUSB4 none: it does not answer AT commands",
    ]);
    t.strictSame(lines(ports("silent")).slice(2, 4), [
      "ttyUSB2 none: it does not answer AT commands, although: SIM7600: AT port",
      "ttyUSB3 primary: the first that answers AT commands, although: SIM7600: modem port",
    ]);
  },
);

t.test("a device that nobody knows", async (t) => {
  t.strictSame(lines([port(0, "at")]), ["ttyUSB0 primary: the first that answers AT commands"]);
  t.strictSame(lines([port(0, "silent"), port(1, "at"), port(2, "at"), port(3, "unasked")]), [
    "ttyUSB0 none: it does not answer AT commands",
    "ttyUSB1 primary: the first that answers AT commands",
    "ttyUSB2 secondary: it answers AT commands as well",
    "ttyUSB3 none: it was not asked: nothing says that it takes commands",
  ]);
  t.strictSame(lines([]), []);
});
