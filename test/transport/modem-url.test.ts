import t from "tap";
import { ModemError } from "../../src/runtime/error.js";
import { type ModemUrl, parseModemUrl } from "../../src/transport/modem-url.js";

const good: readonly (readonly [string, ModemUrl])[] = [
  [
    "mbim+unix:/run/modem.sock?net=wwan0",
    { protocol: "mbim", transport: "unix", path: "/run/modem.sock", net: "wwan0" },
  ],
  ["mbim+unix:@modem", { protocol: "mbim", transport: "unix", path: "@modem" }],
  ["mbim+pty:/dev/pts/3", { protocol: "mbim", transport: "pty", path: "/dev/pts/3" }],
  ["mbim+dev:/dev/cdc-wdm0?net=wwan0", { protocol: "mbim", transport: "dev", path: "/dev/cdc-wdm0", net: "wwan0" }],
  ["mbim+dev:/dev/cdc-wdm0?proxy", { protocol: "mbim", transport: "dev", path: "/dev/cdc-wdm0", proxy: "@mbim-proxy" }],
  ["mbim+pty:/tmp/m?proxy=mbim-proxy", { protocol: "mbim", transport: "pty", path: "/tmp/m", proxy: "@mbim-proxy" }],
  [
    "qmi+dev:/dev/cdc-wdm1?proxy=&net=wwan1",
    { protocol: "qmi", transport: "dev", path: "/dev/cdc-wdm1", net: "wwan1", proxy: "@qmi-proxy" },
  ],
  ["qmi+dev:/dev/cdc-wdm1?proxy=/run/p", { protocol: "qmi", transport: "dev", path: "/dev/cdc-wdm1", proxy: "/run/p" }],
  ["qmi+unix:/a%3Fb%20c", { protocol: "qmi", transport: "unix", path: "/a?b c" }],
  ["at+tty:/dev/ttyUSB2?baud=9600", { protocol: "at", transport: "tty", path: "/dev/ttyUSB2", baudRate: 9600 }],
  [
    "at+tty:/dev/ttyUSB1?data=/dev/ttyUSB0",
    { protocol: "at", transport: "tty", path: "/dev/ttyUSB1", baudRate: 115_200, data: "/dev/ttyUSB0" },
  ],
  ["at+tty:/dev/ttyS1", { protocol: "at", transport: "tty", path: "/dev/ttyS1", baudRate: 115_200, cmux: true }],
  ["at+tty:/dev/ttyS1?cmux=off", { protocol: "at", transport: "tty", path: "/dev/ttyS1", baudRate: 115_200 }],
  [
    "at+tty:/dev/ttyS1?net=wwan0",
    { protocol: "at", transport: "tty", path: "/dev/ttyS1", baudRate: 115_200, net: "wwan0" },
  ],
  [
    "at+tty:/dev/ttyS1?baud=921600&rtscts",
    {
      ...{ protocol: "at", transport: "tty", path: "/dev/ttyS1", baudRate: 921_600 },
      ...{ cmux: true, hardwareFlowControl: true },
    },
  ],
  ["at+pty:/tmp/at?cmux", { protocol: "at", transport: "pty", path: "/tmp/at", cmux: true }],
  ["at+tty:/dev/ttyUSB2", { protocol: "at", transport: "tty", path: "/dev/ttyUSB2", baudRate: 115_200 }],
  ["at+pty:/tmp/at", { protocol: "at", transport: "pty", path: "/tmp/at" }],
  ["at+dev:/dev/cdc-wdm0", { protocol: "at", transport: "dev", path: "/dev/cdc-wdm0" }],
  ["at+unix:/tmp/at", { protocol: "at", transport: "unix", path: "/tmp/at" }],
];

t.test("every form of the --modem URL is read", async (t) => {
  for (const [text, expected] of good) t.strictSame(parseModemUrl(text), expected, text);
});

const bad: readonly (readonly [string, RegExp])[] = [
  ["", /not PROTOCOL\+TRANSPORT:PATH/],
  ["/dev/cdc-wdm0", /not PROTOCOL\+TRANSPORT:PATH/],
  ["mbim:/dev/cdc-wdm0", /not PROTOCOL\+TRANSPORT:PATH/],
  ["ppp+tty:/dev/ttyUSB0", /no protocol ppp, only mbim, qmi and at/],
  ["constructor+tty:/dev/ttyUSB0", /no protocol constructor/],
  ["mbim+tty:/dev/ttyUSB0", /mbim goes over unix, pty, dev, not tty/],
  ["mbim+dev:cdc-wdm0", /path must be absolute;/],
  ["mbim+unix:modem.sock", /absolute or an abstract @name/],
  ["mbim+unix:@", /absolute or an abstract @name/],
  ["mbim+dev:", /path must be absolute/],
  ["mbim+dev:/dev/cdc-wdm0?nett=wwan0", /no parameter "nett", only net, baud, rtscts, data, cmux and proxy/],
  ["at+pty:/tmp/at?rtscts", /rtscts is for tty only/],
  ["at+tty:/dev/ttyS1?rtscts=off", /has no value/],
  ["mbim+dev:/dev/cdc-wdm0?cmux", /cmux \(or cmux=off\) is for a serial line of an AT modem/],
  ["at+dev:/dev/cdc-wdm0?cmux", /cmux \(or cmux=off\) is for a serial line/],
  ["at+tty:/dev/ttyS1?cmux=maybe", /cmux \(or cmux=off\)/],
  ["at+tty:/dev/ttyS1?cmux&net=wwan0", /neither net nor data/],
  ["mbim+dev:/dev/cdc-wdm0?net=a&net=b", /net is given twice/],
  ["mbim+dev:/dev/cdc-wdm0?net=", /"" is no interface name/],
  ["mbim+dev:/dev/cdc-wdm0?net=sixteencharslong", /is no interface name/],
  ["mbim+dev:/dev/cdc-wdm0?net=a%2Fb", /"a\/b" is no interface name/],
  ["mbim+dev:/dev/cdc-wdm0?baud=9600", /baud is for tty only/],
  ["mbim+dev:/dev/cdc-wdm0?data=/dev/ttyUSB0", /data names a second serial port of an AT modem/],
  ["at+tty:/dev/ttyUSB2?data=ttyUSB0", /by its path/],
  ["at+tty:/dev/ttyUSB2?baud=fast", /"fast" is no speed/],
  ["at+tty:/dev/ttyUSB2?proxy", /proxies serve mbim and qmi over dev and pty only/],
  ["mbim+unix:/run/m?proxy", /proxies serve mbim and qmi over dev and pty only/],
  ["mbim+dev:/dev/%zz", /a % that does not begin/],
  ["mbim+dev:/dev/x%00y", /NUL byte/],
];

t.test("a wrong URL is refused with what is wrong and an example that is right", async (t) => {
  for (const [text, problem] of bad) {
    try {
      parseModemUrl(text);
      t.fail(`${text} was taken`);
    } catch (error) {
      if (!(error instanceof ModemError)) throw error;
      t.equal(error.code, "invalid");
      t.match(error.message, problem, text);
      const example = /; for example (\S+)$/.exec(error.message)?.[1] ?? "";
      t.doesNotThrow(() => parseModemUrl(example), example);
    }
  }
});
