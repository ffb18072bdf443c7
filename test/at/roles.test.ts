/** Devices as their ports answer, and what wwand makes of each port. */
import t from "tap";
import { type PortFacts, portRoles } from "../../src/at/roles.js";

const lines = (...args: Parameters<typeof portRoles>) =>
  portRoles(...args).map(({ number, role, because }) => `${number} ${role}: ${because}`);

const table = (role: "primary" | "data" | "nmea" | "diagnostics", because: string) => ({ role, because });

t.test("MS2372h, 12d1:1596: its own map decides where tables have guessed", async (t) => {
  const ports: readonly PortFacts[] = [
    { number: 0, heard: "at", hint: table("primary", "a wrong table") },
    { number: 1, heard: "at" },
    { number: 2, heard: "not asked" },
  ];
  const map = new Map([
    ["MDM", 0],
    ["PCUI", 1],
    ["DIAG", 2],
    ["CDROM", 3],
  ]);
  t.strictSame(lines(ports, map), [
    "0 data: ^GETPORTMODE says MDM",
    "1 primary: ^GETPORTMODE says PCUI",
    "2 diagnostics: ^GETPORTMODE says DIAG",
  ]);
});

t.test(
  "a table's primary port that is silent: the next one is taken, the data port only when nothing else answers",
  async (t) => {
    const ports = (third: PortFacts["heard"]): readonly PortFacts[] => [
      { number: 4, heard: "silent" },
      { number: 3, heard: "at", hint: table("data", "SIM7600: modem port") },
      { number: 2, heard: third, hint: table("primary", "SIM7600: AT port") },
      { number: 1, heard: "nmea", hint: table("nmea", "SIM7600: GPS") },
      { number: 0, heard: "not asked", hint: table("diagnostics", "SIM7600: DIAG") },
    ];
    t.strictSame(lines(ports("at")), [
      "0 diagnostics: SIM7600: DIAG",
      "1 nmea: it sends positions",
      "2 primary: SIM7600: AT port",
      "3 data: SIM7600: modem port",
      "4 none: it does not answer AT commands",
    ]);
    t.strictSame(lines(ports("silent")).slice(2, 4), [
      "2 none: it does not answer AT commands, although: SIM7600: AT port",
      "3 primary: the first that answers AT commands, although: SIM7600: modem port",
    ]);
  },
);

t.test("a device that nobody knows", async (t) => {
  t.strictSame(lines([{ number: 0, heard: "at" }]), ["0 primary: the first that answers AT commands"]);
  t.strictSame(
    lines([
      { number: 0, heard: "silent" },
      { number: 1, heard: "at" },
      { number: 2, heard: "at" },
      { number: 3, heard: "not asked" },
    ]),
    [
      "0 none: it does not answer AT commands",
      "1 primary: the first that answers AT commands",
      "2 secondary: it answers AT commands as well",
      "3 none: it was not asked",
    ],
  );
  t.strictSame(lines([]), []);
});
