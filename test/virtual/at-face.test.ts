/** The AT face as hosts meet it: bytes in, bytes out. */
import { readFile } from "node:fs/promises";
import t from "tap";
import { AtPorts } from "./at-ports.js";

t.test("echo follows the host piece by piece; results as words, as numbers, not at all", async (t) => {
  const port = new AtPorts("at-generic").open();
  for (const char of "AT\r") port.write(char);
  t.equal(port.heard(), "AT\r\r\nOK\r\n");
  port.write("ATE0\r");
  t.equal(port.heard(), "ATE0\r\r\nOK\r\n");
  port.write("AT+CGMM\r");
  t.equal(port.heard(), "\r\nVirtual AT Modem\r\n\r\nOK\r\n");
  port.write("ATV0\r");
  port.write("AT+CGMM;+NONSENSE\r");
  t.equal(port.heard(), "0\rVirtual AT Modem\r\n4\r", "the first refusal ends the line");
  port.write("ATQ1V1\r");
  port.write("AT+CGMM\r");
  t.equal(port.heard(), "\r\nVirtual AT Modem\r\n", "no result");
  port.write("AT&F\r");
  t.equal(port.heard(), "\r\nOK\r\n");
  port.write("x\x1b\x7e rubbish at+cmee=2;+cgm");
  port.write("?\b\bi;+nonsense\r");
  t.match(port.heard(), /\r\n\+CME ERROR: /);
  port.write("no command at all\r\n");
  t.match(port.heard(), /ERROR|^no command/);
  port.write(`AT${"+".repeat(5000)}\r`);
  t.match(port.heard(), /\r\nERROR\r\n$/);
  t.strictSame(await port.ask("AT"), ["OK"], "and goes on");
});

t.test("errors: none, numbers, words; each port remembers its own", async (t) => {
  const modem = new AtPorts("at-generic", { simPresent: "false" });
  const [first, second] = [modem.open(), modem.open()];
  t.strictSame(await first.ask("AT+CPIN?"), ["ERROR"]);
  await first.ask("AT+CMEE=1");
  await second.ask("AT+CMEE=2");
  t.strictSame(await first.ask("AT+CPIN?"), ["+CME ERROR: 10"]);
  t.strictSame(await second.ask("AT+CPIN?"), ["+CME ERROR: SIM not inserted"]);
  t.strictSame(await first.ask("AT+NONSENSE?"), ["+CME ERROR: 4"]);
});

t.test("a locked card: PIN, tries, PUK, and what may be read meanwhile", async (t) => {
  const port = new AtPorts("quectel-ec25", { pinEnabled: "true" }).open();
  await port.ask("AT+CMEE=1");
  const say = async (...commands: readonly string[]) => {
    const said: string[] = [];
    for (const command of commands) said.push(`${command} ${(await port.ask(command)).join(" ")}`);
    return said;
  };
  t.strictSame(
    await say(
      "AT+CPIN?",
      "AT+CIMI",
      'AT+CPIN="9999"',
      "AT+QPINC?",
      "AT+CRSM=176,12258,0,0,10",
      "AT+CRSM=176,28423,0,0,9",
      "AT+CRSM=192,28423",
      "AT+CRSM=192,28599",
    ),
    [
      "AT+CPIN? +CPIN: SIM PIN OK",
      "AT+CIMI +CME ERROR: 11",
      'AT+CPIN="9999" +CME ERROR: 16',
      'AT+QPINC? +QPINC: "SC",2,10 +QPINC: "P2",3,10 OK',
      'AT+CRSM=176,12258,0,0,10 +CRSM: 144,0,"98882208660641758973" OK',
      "AT+CRSM=176,28423,0,0,9 +CRSM: 105,130 OK",
      'AT+CRSM=192,28423 +CRSM: 144,0,"620F8202412183026F078A010580020009" OK',
      "AT+CRSM=192,28599 +CRSM: 106,130 OK",
    ],
  );
  t.strictSame(await say('AT+CPIN="1"', 'AT+CPIN="9999"', 'AT+CPIN="9999"', "AT+CPIN?"), [
    'AT+CPIN="1" +CME ERROR: 16',
    'AT+CPIN="9999" +CME ERROR: 16',
    'AT+CPIN="9999" +CME ERROR: 12',
    "AT+CPIN? +CPIN: SIM PUK OK",
  ]);
  t.strictSame(await say('AT+CPIN="12345678","4321"', "AT+CPIN?", "AT+CIMI", "AT+QCCID", 'AT+CPIN="4321"'), [
    'AT+CPIN="12345678","4321" +CPIN: READY OK',
    "AT+CPIN? +CPIN: READY OK",
    "AT+CIMI 001010123456789 OK",
    "AT+QCCID +QCCID: 89882280666014579837 OK",
    'AT+CPIN="4321" +CME ERROR: 3',
  ]);
  t.strictSame(await say('AT+CLCK="SC",2', 'AT+CLCK="SC",0,"4321"', 'AT+CLCK="SC",2', 'AT+CPWD="SC","4321","1111"'), [
    'AT+CLCK="SC",2 +CLCK: 1 OK',
    'AT+CLCK="SC",0,"4321" OK',
    'AT+CLCK="SC",2 +CLCK: 0 OK',
    'AT+CPWD="SC","4321","1111" +CME ERROR: 3',
  ]);
});

t.test("registration and signal, asked and told: on the port that wanted it", async (t) => {
  const modem = new AtPorts("at-generic");
  const [first, second] = [modem.open(), modem.open()];
  first.write("ATE0+CREG=1;+CEREG=2\r");
  first.heard();
  await modem.register();
  t.equal(first.heard(), '\r\n+CREG: 1\r\n\r\n+CEREG: 1,"0102","1A2B3C",7\r\n');
  t.equal(second.heard(), "");
  t.strictSame(await second.ask("AT+CREG?;+COPS?;+CSQ;+CGATT?"), [
    ...["+CREG: 0,1", '+COPS: 0,0,"Wwand Mobile",7', "+CSQ: 21,99", "+CGATT: 0", "OK"],
  ]);
  t.strictSame(await second.ask("AT+COPS=3,2;+COPS?"), ['+COPS: 0,2,"00101",7', "OK"]);
  t.strictSame(await second.ask("AT+CGATT=1;+CGATT?;+CGREG?"), ["+CGATT: 1", "+CGREG: 0,1", "OK"]);
  const scan = await second.ask("AT+COPS=?");
  t.match(scan[0], /^\+COPS: \(2,"Wwand Mobile","Wwand Mo","00101",7\),\(1,"Far Away Cellular",/);
  modem.machine.send({ type: "roam" });
  await modem.register();
  t.match(first.heard(), /\+CREG: 2\r\n.*\+CREG: 5\r\n/s);
  t.strictSame(await second.ask("AT+CFUN=4"), ["OK"]);
  t.strictSame(await second.ask("AT+CFUN?;+CREG?;+CSQ;+COPS?"), [
    ...["+CFUN: 4", "+CREG: 0,0", "+CSQ: 99,99", "+COPS: 0", "OK"],
  ]);
  t.match(first.heard(), /\+CREG: 0\r\n/);
  modem.machine.send({ type: "reject", cause: 11 });
  await second.ask("AT+CFUN=1");
  t.strictSame(await second.ask("AT+CMEE=1;+CREG?;+COPS=0"), ["+CREG: 0,3", "+CME ERROR: 32"]);
});

t.test("contexts belong to the modem, not to the port", async (t) => {
  const modem = new AtPorts("at-generic");
  const [first, second] = [modem.open(), modem.open()];
  await first.ask('AT+CGDCONT=3,"IP","v4only"');
  t.strictSame(await second.ask("AT+CGDCONT?"), [
    '+CGDCONT: 1,"IPV4V6","internet","0.0.0.0",0,0',
    '+CGDCONT: 3,"IP","v4only","0.0.0.0",0,0',
    "OK",
  ]);
  t.strictSame(await second.ask("AT+CGDCONT=1"), ["OK"]);
  t.strictSame(await first.ask("AT+CGDCONT?"), ['+CGDCONT: 3,"IP","v4only","0.0.0.0",0,0', "OK"]);
  t.strictSame(await first.ask('AT+CGDCONT=99,"IP","x"'), ["ERROR"]);
});

t.test("vendors: who it is, which composition, what it tells by itself, how it says no", async (t) => {
  const ec25 = new AtPorts("quectel-ec25");
  const quectel = ec25.open();
  t.strictSame(await quectel.ask("ATI"), ["Quectel", "EC25", "Revision: EC25AFAR05A03M4G", "OK"]);
  t.strictSame(await quectel.ask('AT+QCFG="usbnet"'), ['+QCFG: "usbnet",0', "OK"]);
  t.strictSame(await quectel.ask('AT+QCFG="usbnet",2'), ["OK"]);
  t.strictSame(await quectel.ask('AT+QCFG="usbnet",9'), ["ERROR"]);
  t.strictSame(await quectel.ask('AT+QCFG="usbnet"'), ['+QCFG: "usbnet",2', "OK"]);
  t.strictSame(ec25.done, [], "it counts from the next start on");
  await quectel.ask("AT+CFUN=1,1");
  t.strictSame(ec25.done, ["restart"]);

  const sim7600 = new AtPorts("simcom-sim7600-rndis");
  const simcom = sim7600.open();
  await sim7600.register();
  t.strictSame(await simcom.ask("AT+CUSBPIDSWITCH?"), ["+CUSBPIDSWITCH: 9011", "OK"]);
  t.strictSame(await simcom.ask("AT+CUSBPIDSWITCH=?"), ["+CUSBPIDSWITCH: (9001,9003,9011,9018),(0-1),(0-1)", "OK"]);
  t.strictSame(await simcom.ask("AT+CUSBPIDSWITCH=9999,1,1"), ["ERROR"]);
  t.strictSame(await simcom.ask("AT+CUSBPIDSWITCH=9003,1,1"), ["OK"]);
  t.strictSame(sim7600.done, ["switch 9003"]);
  t.match(await simcom.ask("AT+CPSI?"), [/^\+CPSI: LTE,Online,001-01,0x0102,1715004,/, "OK"]);
  t.strictSame(await simcom.ask("AT+CICCID"), ["+ICCID: 89882280666014579837", "OK"]);
  t.strictSame(await simcom.ask("AT+CNSMOD=1;+AUTOCSQ=1,1;+CNSMOD?"), ["+CNSMOD: 1,8", "OK"]);
  sim7600.machine.send({ type: "signal", rssiDbm: -113 });
  sim7600.machine.send({ type: "networkDeregister" });
  t.equal(simcom.heard(), "\r\n+CSQ: 0,99\r\n\r\n+CNSMOD: 0\r\n\r\n+CSQ: 99,99\r\n", "told as it was wished");
  t.strictSame(await simcom.ask('AT+CSIM=10,"0020000100"'), ['+CSIM: 4,"63C3"', "OK"]);

  const stick = new AtPorts("huawei-ms2372h");
  const huawei = stick.open();
  await stick.register();
  t.match(huawei.heard(), /\^SRVST:2\r\n\r\n\^MODE:9,0\r\n.*\^RSSI:21\r\n\r\n\^HCSQ:"LTE",/s, "chatty from the start");
  t.strictSame(await huawei.ask("AT^GETPORTMODE"), ["^GETPORTMODE:TYPE:WCDMA:huawei,MDM:0,PCUI:1,DIAG:2", "OK"]);
  t.strictSame(await huawei.ask("AT^SYSINFOEX"), ['^SYSINFOEX:2,1,0,1,,6,"LTE",101,"LTE"', "OK"]);
  t.strictSame(await huawei.ask("AT^SETPORT?;^ICCID?"), ["^SETPORT:FF;1,2,3", "^ICCID: 89882280666014579837", "OK"]);
  t.strictSame(await huawei.ask("AT^CURC=0"), ["OK"]);
  stick.machine.send({ type: "signal", rssiDbm: -90 });
  t.equal(huawei.heard(), "", "silenced");
  t.strictSame(await huawei.ask("AT+CUSBPIDSWITCH?"), ["ERROR"]);
  t.equal((await new AtPorts("huawei-e3131").open().ask("AT^SETPORT?"))[0], "COMMAND NOT SUPPORT");
});

t.test("an A7670E: what it shows on USB is chosen now, and counts from the next start on", async (t) => {
  const modem = new AtPorts("simcom-a7670e");
  const port = modem.open();
  t.strictSame(await port.ask('AT$MYCONFIG="usbnetmode"'), ['$MYCONFIG: "usbnetmode",0,1', "OK"], "RNDIS, by itself");
  t.strictSame(await port.ask("AT+DIALMODE=0"), ["OK"]);
  t.strictSame(await port.ask('AT$MYCONFIG="usbnetmode",1'), ["OK"]);
  t.strictSame(await port.ask('AT$MYCONFIG="usbnetmode"'), ['$MYCONFIG: "usbnetmode",1,1', "OK"]);
  t.strictSame(await port.ask('AT$MYCONFIG="usbnetmode",7'), ["ERROR"]);
  t.strictSame(modem.done, []);
  t.strictSame(await port.ask("AT+CRESET"), ["OK"]);
  t.strictSame(modem.done, ["restart"]);
});

/** Commands of ModemManager 1.20 that these modems do not have, as far as the face tells. */
const refused: Readonly<Record<string, readonly string[]>> = {
  "quectel-ec25": ["AT+CEMODE?", "AT+CTZU=?", "AT+CCLK?", "AT+QFASTBOOT=?", "AT+QGMR?"],
  "huawei-ncm": [
    ...["AT^SYSCFG=?", "AT^SYSCFG?", "AT+CPLS=0", "AT+CPOL=,2", "AT+CPOL?", "AT+CEMODE?"],
    ...["AT^NTCT?", "AT^TIME", "AT^CVOICE?", "AT+CIND=?", "AT^PORTSEL=0"],
  ],
  "simcom-sim7600-rndis": [...["AT+WS46=?", "AT+CPLS=0", "AT+CPOL=,2", "AT+CPOL?", "AT+CEMODE?", "AT+CTZU=1"]],
};

t.test(
  "ModemManager's own questions, a character at a time as it writes to unknown ports: each is answered",
  async (t) => {
    const fixture = new URL("../fixtures/at/modemmanager-1.20.json", import.meta.url);
    const asked: Readonly<Record<string, readonly string[]>> = JSON.parse(await readFile(fixture, "utf8"));
    for (const [profile, commands] of Object.entries(asked)) {
      const modem = new AtPorts(profile, { attachesByItself: "true" });
      const port = modem.open();
      await modem.register();
      port.heard();
      const no: string[] = [];
      for (const command of commands) {
        for (const char of `${command}\r`) port.write(char);
        await modem.clock.advance(1_000);
        const heard = port.heard();
        t.match(heard, /\r\n(OK|ERROR|\+CME ERROR: [0-9]+)\r\n/, `${profile}: ${command}`);
        if (!/\r\nOK\r\n/.test(heard)) no.push(command);
      }
      t.strictSame(no, refused[profile], `${profile} refuses`);
    }
  },
);
