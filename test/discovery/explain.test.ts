import t from "tap";
import { explain } from "../../src/discovery/explain.js";
import type { ExplainOptions } from "../../src/discovery/finding.js";
import type { DeviceSnapshot, KernelSnapshot } from "../../src/discovery/snapshot.js";
import { portPath } from "../../src/discovery/snapshot.js";
import { debian, gadgets, modems, pciModem, usb } from "./machines.js";

const told = (device: DeviceSnapshot, options: Partial<ExplainOptions> = {}) =>
  explain(device, { kernel: debian, protocols: new Set(["mbim", "qmi", "at"]), isLate: true, ...options });

/** `mbim /dev/cdc-wdm0 wwan0; AT: /dev/ttyUSB2` or what it is instead. */
function inShort(device: DeviceSnapshot): string {
  const { verdict } = told(device);
  if (verdict.is !== "modem") return verdict.is;
  const at = verdict.at.map(portPath).join(" ");
  return [
    verdict.protocol,
    portPath(verdict.control),
    verdict.net?.name ?? "-",
    ...(at === "" ? [] : [`AT: ${at}`]),
  ].join(" ");
}

const findings = (device: DeviceSnapshot, options: Partial<ExplainOptions> = {}): readonly string[] =>
  told(device, options).findings.map(
    ({ severity, text, remedy }) => `${severity}: ${text}${remedy && ` -> ${remedy}`}`,
  );

t.test("what each device is, and by which ports it is driven", async (t) => {
  t.equal(inShort(modems.mbim()), "mbim /dev/cdc-wdm0 wwan0");
  t.equal(
    inShort(modems.ec25()),
    "qmi /dev/cdc-wdm0 wwan0 AT: /dev/ttyUSB2 /dev/ttyUSB3",
    "ports for diagnostics and positions are not asked",
  );
  t.equal(inShort(modems.ms2372h()), "at /dev/ttyUSB1 - AT: /dev/ttyUSB1 /dev/ttyUSB0", "Huawei's codes from 31 up");
  t.equal(inShort(modems.huaweiNcm()), "at /dev/cdc-wdm0 wwx02005e000003 AT: /dev/ttyUSB2 /dev/ttyUSB0");
  t.equal(inShort(modems.sim7600Qmi()), "qmi /dev/cdc-wdm0 wwan0 AT: /dev/ttyUSB2 /dev/ttyUSB3");
  t.equal(inShort(modems.sim7600Rndis()), "at /dev/ttyUSB2 usb0 AT: /dev/ttyUSB2 /dev/ttyUSB3");
  t.equal(
    inShort(modems.a7670e()),
    "at /dev/ttyUSB1 usb0 AT: /dev/ttyUSB1 /dev/ttyUSB2 /dev/ttyUSB3",
    "the same ids as SIM7600's, and another layout",
  );
  t.equal(inShort(pciModem), "mbim /dev/wwan0mbim0 wwan0");
});

t.test("a modem of no table at all is known by what its interfaces are", async (t) => {
  const unknown = usb("abcd:0001", ["02/0e/00 eps 1 cdc_mbim cdc-wdm3 wwan1", "0a/00/02 eps 2 cdc_mbim"]);
  t.equal(inShort(unknown), "mbim /dev/cdc-wdm3 wwan1");
  const serial = usb("abcd:0002", ["ff/ff/ff eps 3 option ttyUSB0", "ff/ff/ff eps 3 option ttyUSB1"]);
  t.equal(inShort(serial), "at /dev/ttyUSB0 - AT: /dev/ttyUSB0 /dev/ttyUSB1", "the kernel's table of modems has it");
});

t.test("a cdc-wdm device that is a WWAN port as well is opened as cdc-wdm", async (t) => {
  const both = usb("abcd:0001", ["02/0e/00 eps 1 cdc_mbim wwan0mbim0 cdc-wdm0 wwan0", "0a/00/02 eps 2 cdc_mbim"]);
  t.equal(inShort(both), "mbim /dev/cdc-wdm0 wwan0");
});

t.test("gadgets with serial ports are named and left alone; those without are not even named", async (t) => {
  for (const device of [gadgets.arduino, gadgets.ubloxGps, gadgets.serialUps]) {
    t.equal(inShort(device), "serial", device.model);
    t.match(told(device).summary, /nothing proves that its serial port is a modem's, so not one byte is sent to it$/);
  }
  for (const device of [gadgets.ups, gadgets.securityKey, gadgets.disk]) {
    t.equal(inShort(device), "unrelated", device.model);
    t.strictSame(told(device).findings, []);
  }
});

t.test("a user's row turns a serial gadget into a modem, and a modem into nobody's business", async (t) => {
  const row = { ids: "2341:0043", because: "a SIM800 shield", modem: true };
  t.match(told(gadgets.arduino, { rows: [row] }).verdict, {
    is: "modem",
    protocol: "at",
    control: { name: "ttyACM0" },
  });
  const given = { usbPath: "1-1", because: "another program drives it", modem: false };
  t.match(told(modems.mbim(), { rows: [given] }), {
    verdict: { is: "ignored" },
    summary: /\[\[device\]\] in wwand.toml leaves it alone: another program drives it$/,
  });
  t.match(told(modems.mbim({ address: "1-2" }), { rows: [given] }).verdict, { is: "modem" });
});

t.test("a user's row names the roles of ports where the order guesses wrong", async (t) => {
  const row = { ids: "2c7c:0125", because: "measured", ports: { 1: "nmea", 2: "modem", 3: "at" } } as const;
  const { verdict } = told(modems.ec25(), { rows: [row] });
  t.match(verdict, { at: [{ name: "ttyUSB3" }, { name: "ttyUSB2" }] });
});

t.test("a user's row takes QMI away: its serial ports are driven, and its interface is nobody's", async (t) => {
  const row = { ids: "2c7c:0125", because: "its QMI hangs", ports: { 4: "ignore" } } as const;
  const { verdict } = told(modems.ec25(), { rows: [row] });
  t.match(verdict, { is: "modem", protocol: "at", control: { name: "ttyUSB2" }, net: undefined });
  t.match(told(modems.ec25()).verdict, { protocol: "qmi", net: { name: "wwan0" } }, "without it");
});

t.test("MS2372h: three ports that work, and what the fourth interface lacks", async (t) => {
  t.strictSame(findings(modems.ms2372h()), [
    "limits: interface 3 (ff/03/46, network function (NCM)) has no driver: huawei_cdc_ncm " +
      "(CONFIG_USB_NET_HUAWEI_CDC_NCM) usually binds it, but no module of kernel 6.1.0-56-amd64 knows it -> " +
      "install or build huawei_cdc_ncm (CONFIG_USB_NET_HUAWEI_CDC_NCM) for kernel 6.1.0-56-amd64, then: depmod && " +
      "modprobe huawei_cdc_ncm",
  ]);
});

t.test("MS2372h on a kernel of one's own whose modules were never installed", async (t) => {
  const kernel: KernelSnapshot = {
    release: "4.1.44-2.7.4+gb1555bf",
    modules: "missing",
    otherReleases: ["4.1.44-2.7.4"],
  };
  const bare = usb("12d1:1596", ["ff/03/31 eps 3 -", "ff/03/32 eps 2 -", "ff/03/33 eps 2 -"], {
    name: "HUAWEI Mobile",
  });
  const { verdict, summary } = told(bare, { kernel });
  t.equal(verdict.is, "incomplete");
  t.equal(
    summary,
    "HUAWEI Mobile (12d1:1596) at usb 1-1: no modules of the running kernel 4.1.44-2.7.4+gb1555bf are installed: " +
      "/lib/modules has only 4.1.44-2.7.4",
  );
  t.strictSame(findings(bare, { kernel }).slice(1, 2), [
    "blocks: interfaces 0 (ff/03/31, modem port (AT and dial-up)), 1 (ff/03/32, AT port), 2 (ff/03/33, diagnostics " +
      "port) have no driver: option (CONFIG_USB_SERIAL_OPTION) would bind them -> build the kernel with " +
      "CONFIG_USB_SERIAL_OPTION=m or =y",
  ]);
});

t.test("a module that is there and that nobody loads", async (t) => {
  const bare = usb("2c7c:0125", [
    "ff/ff/ff eps 2 - < option:loadable",
    "ff/ff/ff eps 3 - < qmi_wwan:loadable option:loadable",
  ]);
  t.match(
    findings(bare)[1],
    /qmi_wwan \(CONFIG_USB_NET_QMI_WWAN\) would bind it, and nobody has loaded it -> modprobe qmi_wwan$/,
  );
  t.match(findings(bare, { isLate: false }).at(-1), /^note: interface 1: module qmi_wwan is there and not loaded yet$/);
});

t.test(
  "SIM7600 as in RNDIS mode without a single driver: the mode, its alternatives and SIMCom's own command",
  async (t) => {
    const bare = usb(
      "1e0e:9011",
      ["02/02/ff eps 1 -", "0a/00/00 eps 2 -", "ff/ff/ff eps 2 -", ...[3, 4, 5, 6].map(() => "ff/00/00 eps 3 -")],
      { name: "SimTech, Incorporated" },
    );
    const { composition, verdict, interfaces } = told(bare, { kernel: { ...debian, release: "5.15.167" } });
    t.equal(verdict.is, "incomplete");
    t.strictSame(
      [composition.now, ...composition.others.map(({ name, ids, commands }) => `${name} ${ids} ${commands.join(" ")}`)],
      ["RNDIS", "QMI 1e0e:9001 AT+CUSBPIDSWITCH=9001,1,1", "MBIM 1e0e:9003 AT+CUSBPIDSWITCH=9003,1,1"],
    );
    t.match(composition.risk, /the way back needs an AT port/);
    t.strictSame(
      interfaces.map(({ module, what }) => `${what}: ${module}`),
      [
        "network function (RNDIS): rndis_host",
        "data of the function before it: ",
        "diagnostics port: option",
        "GPS (NMEA) port: option",
        "AT port: option",
        "modem port (AT and dial-up): option",
        "audio: option",
      ],
    );
  },
);

t.test("Quectel keeps its ids whatever it shows: the mode is read from the interfaces", async (t) => {
  const rndis = usb("2c7c:0125", [
    "e0/01/03 eps 1 rndis_host usb0",
    "0a/00/00 eps 2 rndis_host",
    "ff/ff/ff eps 2 option ttyUSB0",
    ...[1, 2, 3].map((number) => `ff/00/00 eps 3 option ttyUSB${number}`),
  ]);
  t.equal(told(rndis).composition.now, "RNDIS");
  t.match(told(modems.ec25()).composition, {
    now: "QMI",
    others: [{ name: "ECM" }, { name: "MBIM" }, { name: "RNDIS" }],
  });
  t.match(told(rndis).composition.others[0], { name: "QMI", commands: ['AT+QCFG="usbnet",0', "AT+CFUN=1,1"] });
  t.match(inShort(rndis), /^at \/dev\/ttyUSB2 usb0/, "served by AT meanwhile");
});

t.test("a stick that still shows its disc, and one that never was a modem to us", async (t) => {
  const disc = usb("12d1:1f01", ["08/06/50 eps 2 usb-storage"], { name: "HUAWEI_MOBILE" });
  t.match(told(disc), {
    verdict: { is: "storage" },
    findings: [{ code: "storage-mode", remedy: "usb_modeswitch -v 12d1 -p 1f01 -J" }],
  });
  const hilink = usb("12d1:14dc", [
    "02/06/00 eps 1 cdc_ether eth1",
    "0a/00/00 eps 2 cdc_ether",
    "08/06/50 eps 2 usb-storage",
  ]);
  t.match(told(hilink), { verdict: { is: "router" }, findings: [{ remedy: /^use eth1 as an uplink/ }] });
  const phone = usb("18d1:4ee3", ["e0/01/03 eps 1 rndis_host usb0", "0a/00/00 eps 2 rndis_host"]);
  t.equal(inShort(phone), "unrelated", "a phone's tethering is an ordinary interface");
});

t.test(
  "A7670E by ids that no serial driver knows: no router, but a modem whose ports are told to a driver",
  async (t) => {
    const ports = [2, 3, 4].map(() => "ff/00/00 eps 3 -");
    const unknown = usb("1e0e:9025", ["02/06/00 eps 1 cdc_ether usb0", "0a/00/00 eps 2 cdc_ether", ...ports]);
    t.match(told(unknown).verdict, { is: "incomplete", lacks: "control" });
    t.match(findings(unknown), [
      /^blocks: interfaces 2 .*, 3 .*, 4 .* have no driver, and no module of kernel 6\.1\.0-56-amd64 knows them -> if they are serial ports: modprobe option && echo 1e0e 9025 >\/sys\/bus\/usb-serial\/drivers\/option1\/new_id$/,
    ]);
    const taught = usb("1e0e:9025", [
      ...["02/06/00 eps 1 cdc_ether usb0", "0a/00/00 eps 2 cdc_ether"],
      ...[0, 1, 2].map((number) => `ff/00/00 eps 3 option ttyUSB${number}`),
    ]);
    t.match(inShort(taught), /^at \/dev\/ttyUSB\d usb0/, "after that it speaks AT");
  },
);

t.test("what already is a modem is offered no switch of storage modes, card reader or not", async (t) => {
  const modem = usb("12d1:1506", [
    "ff/01/01 eps 3 option ttyUSB0",
    "ff/01/02 eps 2 option ttyUSB1",
    "08/06/50 eps 2 usb-storage",
  ]);
  t.equal(inShort(modem), "at /dev/ttyUSB1 - AT: /dev/ttyUSB1 /dev/ttyUSB0");
  t.notMatch(JSON.stringify(told(modem)), /usb_modeswitch|eject/);
});

t.test("a control port that another program holds, that we may not open, or that has no node", async (t) => {
  const withPort = (facts: object) => {
    const modem = modems.mbim();
    const [control, data] = modem.interfaces;
    if (control === undefined || data === undefined) throw new Error("the modem has two interfaces");
    const ports = control.ports.map((port) => (port.kind === "wdm" ? { ...port, ...facts } : port));
    return { ...modem, interfaces: [{ ...control, ports }, data] };
  };
  t.match(findings(withPort({ holder: "ModemManager (pid 812)" })), [
    /^blocks: ModemManager \(pid 812\) holds \/dev\/cdc-wdm0 -> stop ModemManager, or leave the device to it/,
  ]);
  t.match(findings(withPort({ access: "denied" })), [/^blocks: wwand may not open \/dev\/cdc-wdm0 -> run as root/]);
  t.match(findings(withPort({ access: "no node" })), [
    /^blocks: the kernel has cdc-wdm0, but there is no \/dev\/cdc-wdm0/,
  ]);
});

t.test("a network interface in another namespace: somebody else's modem, and nothing is opened", async (t) => {
  const elsewhere = usb("1199:9091", ["02/0e/00 eps 1 cdc_mbim cdc-wdm0", "0a/00/02 eps 2 cdc_mbim"]);
  t.match(told(elsewhere), { verdict: { is: "incomplete", lacks: "net" }, summary: /in another network namespace/ });
});

t.test("a protocol without a driver here is said, not hidden", async (t) => {
  t.match(
    told(modems.ec25(), { protocols: new Set(["mbim"]) }).summary,
    /: it speaks QMI on \/dev\/cdc-wdm0: protocol qmi: driver not built yet, only MBIM$/,
  );
});

t.test("compositions: what else a model shows, by which commands, and who says so", async (t) => {
  const others = (device: DeviceSnapshot, model?: string) => {
    const said = { imei: undefined, manufacturer: undefined, protocol: "at", failure: undefined } as const;
    const { composition } = told(device, model === undefined ? {} : { answered: { ...said, model } });
    const { now, others, source } = composition;
    return [now, ...others.map(({ name, ids, commands }) => `${name} ${ids}: ${commands.join("; ")}`), source];
  };
  t.strictSame(others(modems.mbim()).slice(0, 2), [
    "MBIM",
    'QMI 1199:9091: AT!ENTERCND="A710"; AT!USBCOMP=1,3,10D; AT!RESET',
  ]);
  const ecm = 'ECM 1e0e:9011: AT+DIALMODE=0; AT$MYCONFIG="usbnetmode",1; AT+CRESET';
  t.strictSame(others(modems.a7670e()).slice(0, 2), ["RNDIS", ecm]);
  t.match(others(modems.sim7600Rndis())[1], /^QMI 1e0e:9001: AT\+CUSBPIDSWITCH/);
  t.equal(others(modems.sim7600Rndis(), "A7670E-FASE")[1], ecm, "what the modem says goes before its name on USB");
  for (const device of [modems.mbim(), modems.a7670e(), modems.sim7600Qmi(), modems.ec25()])
    t.not(others(device).at(-1), "", "a row has its source");
  t.strictSame(others(modems.ms2372h()), ["NCM", ""], "nobody has written down what else it can be");
});
