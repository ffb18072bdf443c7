import type { VirtualProfile } from "../model/profile.js";

/** What all profiles share: everything that is not the modem itself. */
export type NetworkProfile = Omit<VirtualProfile, "name" | "summary" | "controlFace" | "device" | "usb">;

/**
 * The test network 001/01 (3GPP TS 23.003 2.2) and a card of it. The addresses are private or for documentation (RFC 1918,
 * RFC 3849), so that nothing of it can leak into a real network.
 */
export const testNetwork: NetworkProfile = {
  sim: {
    present: true,
    imsi: "001010123456789",
    iccid: "89882280666014579837",
    msisdns: ["+15550100123"],
    pin: "1234",
    pinEnabled: false,
    pinTries: 3,
    puk: "12345678",
    pukTries: 10,
  },
  radioOn: true,
  attachesByItself: false,
  operators: [
    { mcc: "001", mnc: "01", name: "Wwand Mobile", standing: "home", rssiDbm: -71, technology: "lte" },
    { mcc: "001", mnc: "02", name: "Far Away Cellular", standing: "roaming", rssiDbm: -83, technology: "lte" },
    { mcc: "999", mnc: "70", name: "Private Net", standing: "forbidden", rssiDbm: -95, technology: "lte" },
  ],
  preferredNetworks: ["00101", "00102"],
  defaultApn: "internet",
  storedApn: "internet",
  apns: [
    // The operator's own option, with its PLMN in front, and its link MTU.
    { apn: "internet", pdn: "ipv4v6", protocolOptions: { 65280: "00f11005", 16: "05dc" } },
    {
      apn: "secure",
      pdn: "ipv4v6",
      credentials: { auth: ["chap"], username: "wwand", password: "carrier" },
    },
    { apn: "v4only", pdn: "ipv4" },
    { apn: "v6only", pdn: "ipv6" },
    { apn: "barred", pdn: "ipv4v6", refusedWith: 8 },
    { apn: "congested", pdn: "ipv4v6", refusedWith: 26, backOffMs: 300_000 },
    { apn: "single", pdn: "ipv4v6", oneConnection: true },
    { apn: "unsubscribed", pdn: "ipv4v6", refusedWith: 33 },
  ],
  pool: {
    ipv4Network: "10.64.0.0",
    ipv4Router: "10.64.0.1",
    ipv6Prefix: "2001:db8:64::",
    ipv6Router: "2001:db8:64::1",
    mtu: 1500,
  },
  names: {
    "www.carrier.test": { ipv4: "10.64.0.1", ipv6: "2001:db8:64::1" },
    "v4.carrier.test": { ipv4: "10.64.0.1" },
    "v6.carrier.test": { ipv6: "2001:db8:64::1" },
  },
  ussd: {
    "*100#": { says: "Balance: 12.34 EUR" },
    "*101#": { says: "Баланс: 5 ₽" },
    "*111#": {
      says: "1 Balance\n2 Service PIN",
      answers: {
        1: { says: "12.34 EUR" },
        2: { says: "New PIN?", answers: { 4711: { says: "Your PIN is 4711" } } },
        9: { ends: "terminated" },
      },
    },
    "*198#": { silent: true },
    "*199#": { ends: "timedOut" },
  },
  timing: { searchMs: 200, scanMs: 300, attachMs: 50, connectMs: 50 },
};
