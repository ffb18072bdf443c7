import { CommanderError } from "commander";
import t from "tap";
import { defaultDaemonConfig } from "../../src/config/daemon.js";
import { wantedModems } from "../../src/daemon/named-modems.js";
import { parseOptions } from "../../src/daemon/options.js";

t.test("--modem may be repeated, levels are checked, an unknown option is a usage error", async (t) => {
  const options = parseOptions(["--modem", "mbim+unix:/a", "--modem", "mbim+unix:/b", "--log-level", "debug"]);
  t.match(options, { modem: ["mbim+unix:/a", "mbim+unix:/b"], logLevel: "debug" });
  t.throws(() => parseOptions(["--log-level", "loud"]), CommanderError);
  t.throws(() => parseOptions(["--modems", "x"]), CommanderError);
});

t.test("a modem named twice is one modem, with the wish that the file has for it", async (t) => {
  const url = "mbim+unix:/run/modem?net=wwan0";
  const config = { ...defaultDaemonConfig, modems: [{ match: { url }, connect: true }] };
  t.match(wantedModems(config, [url]), [{ url: { path: "/run/modem", net: "wwan0" }, modem: { connect: true } }]);
  t.match(wantedModems(config, ["at+tty:/dev/ttyUSB2"])[0], { url: { protocol: "at", baudRate: 115_200 } });
});
