/**
 * Which functions a model can show on USB, and what switches between them. A row has its public source. wwand switches
 * nothing by itself: people ask for it, and `switching.ts` does it.
 */
import { type DeviceSnapshot, idsOf } from "./snapshot.js";

/** A composition: which functions a modem shows on USB. */
interface Composition {
  /** As `compositionNames` of explain.ts has it. */
  readonly name: string;
  /** The ids it has then; absent where they stay. */
  readonly ids?: string;
  /** Commands to an AT port of the modem, in order. */
  readonly commands: readonly string[];
}

interface Family {
  readonly ids: readonly string[];
  /** What its name on USB, or what it says itself, must contain, where others have the same ids. */
  readonly product?: RegExp;
  readonly model: string;
  readonly choices: readonly Composition[];
  readonly source: string;
}

const risk =
  "the modem keeps it in its own flash, restarts, and comes back with other ports; make sure that the new ones have " +
  "drivers here, because the way back needs an AT port";

const simcom = (ids: string, name: string): Composition => ({
  name,
  ids,
  commands: [`AT+CUSBPIDSWITCH=${ids.slice(5)},1,1`],
});

const a76xx = (mode: number, name: string): Composition => ({
  name,
  commands: ["AT+DIALMODE=0", `AT$MYCONFIG="usbnetmode",${mode}`, "AT+CRESET"],
});

const quectel = (mode: number, name: string): Composition => ({
  name,
  commands: [`AT+QCFG="usbnet",${mode}`, "AT+CFUN=1,1"],
});

/** Bits: 1 diagnostics, 4 positions, 8 modem (AT), 100 QMI, 1000 MBIM; 8 must stay, or no AT port leads back. */
const sierra = (type: number, bits: string, name: string): Composition => ({
  name,
  commands: ['AT!ENTERCND="A710"', `AT!USBCOMP=1,${type},${bits}`, "AT!RESET"],
});

const telit = (mode: number, ids: string, name: string): Composition => ({
  name,
  ids,
  commands: [`AT#USBCFG=${mode}`, "AT#REBOOT"],
});

const fibocom = (mode: number, ids: string, name: string): Composition => ({
  name,
  ids,
  commands: [`AT+GTUSBMODE=${mode}`],
});

const a76xxFamily: Omit<Family, "ids"> = {
  model: "SIMCom A76xx",
  choices: [a76xx(0, "RNDIS"), a76xx(1, "ECM")],
  source: "SIMCom, A76XX Series Linux USB Application Note V1.00; waveshare.com/wiki/A7600X_RNDIS_Dail-up_Networking",
};

/** Only commands of the same model: one vendor's command on another's modem does nothing good. */
const families: readonly Family[] = [
  { ...a76xxFamily, ids: ["1e0e:9011"], product: /^A76/i },
  { ...a76xxFamily, ids: ["1e0e:9025"] },
  {
    ids: ["1e0e:9001", "1e0e:9003", "1e0e:9011"],
    model: "SIM7600",
    choices: [simcom("1e0e:9001", "QMI"), simcom("1e0e:9003", "MBIM"), simcom("1e0e:9011", "RNDIS")],
    source: "SIMCom, SIM7500_SIM7600 AT Command Manual V2.00, 4.23",
  },
  {
    ids: ["2c7c:0121", "2c7c:0125", "2c7c:0306", "2c7c:0512", "2c7c:0800", "2c7c:0801"],
    model: "Quectel LTE or 5G module",
    choices: [quectel(0, "QMI"), quectel(1, "ECM"), quectel(2, "MBIM"), quectel(3, "RNDIS")],
    source: 'Quectel, EC2x QCFG AT Commands Manual, "usbnet"',
  },
  {
    ids: ["1199:9071", "1199:9079"],
    model: "Sierra EM74xx/MC74xx",
    choices: [sierra(1, "10D", "QMI"), sierra(1, "100D", "MBIM")],
    source: "github.com/danielewood/sierra-wireless-modems",
  },
  {
    ids: ["1199:9091"],
    model: "Sierra EM7565",
    choices: [sierra(3, "10D", "QMI"), sierra(3, "100D", "MBIM")],
    source: "the modem's own AT!USBCOMP=?, gist.github.com/danielewood/d0a1d707d194caa21ba7913da6cfe2f7",
  },
  {
    ids: ["1bc7:1201", "1bc7:1206"],
    model: "Telit LE910Cx",
    choices: [telit(0, "1bc7:1201", "QMI"), telit(4, "1bc7:1206", "ECM")],
    source: "docs.sixfab.com/page/internet-connection-with-telit-le910c1-module-using-ecm-mode",
  },
  {
    ids: ["1782:4d10", "1782:4d11"],
    model: "Fibocom L610",
    choices: [
      fibocom(31, "1782:4d10", "serial ports only"),
      fibocom(32, "1782:4d11", "ECM"),
      fibocom(33, "1782:4d11", "RNDIS"),
    ],
    source: "Linux, commit 714adff: USB: serial: option: add Fibocom L610 modem",
  },
];

/** @param said What the modem calls itself; empty while it was not asked. */
export const familyOf = (device: DeviceSnapshot, said: string): Family | undefined =>
  families.find(
    ({ ids, product }) =>
      ids.includes(idsOf(device)) && (product === undefined || product.test(device.model) || product.test(said)),
  );

export interface Choices {
  readonly choices: readonly Composition[];
  readonly risk: string;
  readonly source: string;
}

/** Compositions that this model has besides `now`; undefined where nobody has written them down. */
export function otherCompositions(device: DeviceSnapshot, said: string, now: string): Choices | undefined {
  const family = familyOf(device, said);
  return family && { choices: family.choices.filter(({ name }) => name !== now), risk, source: family.source };
}
