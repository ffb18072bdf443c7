/** Which model has what on which interface, where the descriptors do not say it. A row has its reason. */
import type { InterfaceKind } from "./interface-kind.js";

export interface KindRow {
  readonly kind: InterfaceKind;
  readonly because: string;
  /** Absent members fit everything. */
  readonly ids?: string;
  readonly vendor?: string;
  /** The product's name among the USB strings. */
  readonly product?: RegExp;
  readonly class?: number;
  readonly subclass?: number;
  readonly protocol?: number;
  readonly number?: number;
  readonly endpoints?: number;
  /** Whether interface 0 is vendor-specific: false where a network function (RNDIS) comes first and shifts all others. */
  readonly vendorFirst?: boolean;
  /** Nothing but a modem has this. */
  readonly provesModem?: true;
  /** The kernel module that serves it, for kernels that cannot be asked. */
  readonly module?: string;
}

const at = (ids: string, roles: Readonly<Record<number, InterfaceKind>>, because: string): readonly KindRow[] =>
  Object.entries(roles).map(([number, kind]) => ({
    ids,
    number: Number(number),
    class: 0xff,
    kind,
    because,
    provesModem: true,
    module: kind === "qmi" ? "qmi_wwan" : "option",
  }));

/** Both have 1e0e:9011. @see SIMCom, A76XX Series Linux USB Application Note: AT commands go to the second serial port */
const simcom: readonly KindRow[] = [
  ...at("1e0e:9011", { 2: "diagnostics", 3: "at", 4: "at" }, "A76xx").map((row) => ({ ...row, product: /^A76/i })),
  ...at("1e0e:9001", { 0: "diagnostics", 1: "nmea", 2: "at", 3: "modem", 4: "audio", 5: "qmi" }, "SIM7600, QMI"),
  ...at("1e0e:9003", { 0: "diagnostics", 1: "nmea", 2: "at", 3: "modem", 4: "audio" }, "SIM7600, MBIM"),
  ...at("1e0e:9011", { 2: "diagnostics", 3: "nmea", 4: "at", 5: "modem", 6: "audio" }, "SIM7600, RNDIS").map((row) => ({
    ...row,
    product: /^(?!A76)/i,
  })),
];

const quectelFull = { subclass: 0xff, protocol: 0xff };
const quectelSerial = { subclass: 0x00, protocol: 0x00, endpoints: 3 };

/** @see https://forums.quectel.com/t/47332: the order of the interfaces, with RNDIS and without */
const quectel: readonly KindRow[] = ["2c7c:0121", "2c7c:0125", "2c7c:0306", "2c7c:0512", "2c7c:0800"].flatMap((ids) => [
  // With RNDIS or ECM first, interface 4 is another one: only ff/ff/ff tells.
  ...at(ids, { 4: "qmi" }, "Quectel keeps interface 4 for QMI").map((row) => ({
    ...row,
    ...quectelFull,
    endpoints: 3,
  })),
  {
    ...{ ids, class: 0xff, ...quectelFull, endpoints: 2, kind: "diagnostics" as const },
    because: "Quectel: the vendor-specific interface without interrupt endpoint is the diagnostics port",
    provesModem: true as const,
    module: "option",
  },
  ...at(ids, { 1: "nmea", 2: "at", 3: "modem" }, "Quectel's order of ports").map((row) => ({
    ...{ ...row, ...quectelSerial, vendorFirst: true },
  })),
  ...at(ids, { 3: "nmea", 4: "at", 5: "modem" }, "Quectel's order of ports, RNDIS first").map((row) => ({
    ...{ ...row, ...quectelSerial, vendorFirst: false },
  })),
]);

const huaweiRow = (protocol: number, kind: InterfaceKind, because: string, module = "option"): KindRow => ({
  vendor: "12d1",
  class: 0xff,
  protocol,
  kind,
  because,
  provesModem: true,
  module,
});

/** Huawei's codes: subclass 1 to 3, protocol after `huaweiCode` of interface-kind.ts. */
const huawei: readonly KindRow[] = [
  huaweiRow(0x01, "modem", "Huawei code 01"),
  huaweiRow(0x02, "at", "Huawei code 02: PCUI"),
  huaweiRow(0x12, "at", "Huawei code 12: PCUI"),
  huaweiRow(0x03, "diagnostics", "Huawei code 03"),
  huaweiRow(0x13, "diagnostics", "Huawei code 13"),
  huaweiRow(0x14, "nmea", "Huawei code 14: GPS"),
  huaweiRow(0x16, "ncm", "Huawei code 16: NCM with AT commands", "huawei_cdc_ncm"),
  huaweiRow(0x07, "qmi", "Huawei code 07", "qmi_wwan"),
  huaweiRow(0x09, "qmi", "Huawei code 09", "qmi_wwan"),
];

export const layouts: readonly KindRow[] = [...simcom, ...quectel, ...huawei];
