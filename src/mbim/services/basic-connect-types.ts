/** Enumerations and structures that several CIDs of Basic Connect share. @see MBIM 1.0 10.5 */
import { ipv4, ipv6 } from "../../codec/address.js";
import { countOf, elements, pairsTo, text } from "../../codec/reference.js";
import { enumOf, flagsOf, guid, u32 } from "../../codec/scalar.js";
import { structure } from "../../codec/struct.js";

/** A count or time that the function does not know. */
export const unknownU32 = 0xffffffff;

/** @see MBIM 1.0 table 10-13; the 5G bits are Microsoft's MBIM extensions */
export const dataClass = flagsOf({
  gprs: 0x1,
  edge: 0x2,
  umts: 0x4,
  hsdpa: 0x8,
  hsupa: 0x10,
  lte: 0x20,
  nrNsa: 0x40,
  nrSa: 0x80,
  cdma1xrtt: 0x10000,
  cdma1xevdo: 0x20000,
  cdma1xevdoRevA: 0x40000,
  cdma1xevdv: 0x80000,
  cdma3xrtt: 0x100000,
  cdma1xevdoRevB: 0x200000,
  umb: 0x400000,
  custom: 0x80000000,
});

export const cellularClass = flagsOf({ gsm: 1, cdma: 2 });

export const deviceType = enumOf({ unknown: 0, embedded: 1, removable: 2, remote: 3 });
export const voiceClass = enumOf({ unknown: 0, none: 1, separateVoiceData: 2, simultaneousVoiceData: 3 });
export const simClass = flagsOf({ logical: 1, removable: 2 });
export const smsCaps = flagsOf({ pduReceive: 1, pduSend: 2, textReceive: 4, textSend: 8 });
export const controlCaps = flagsOf({
  manualRegistration: 1,
  hardwareRadioSwitch: 2,
  cdmaMobileIp: 4,
  cdmaSimpleIp: 8,
  multiCarrier: 0x10,
});

export const readyState = enumOf({
  notInitialized: 0,
  initialized: 1,
  simNotInserted: 2,
  badSim: 3,
  failure: 4,
  notActivated: 5,
  deviceLocked: 6,
  noEsimProfile: 7,
});
export const readyInfo = flagsOf({ protectUniqueId: 1 });

export const switchState = enumOf({ off: 0, on: 1 });

export const pinType = enumOf({
  none: 0,
  custom: 1,
  pin1: 2,
  pin2: 3,
  deviceSimPin: 4,
  deviceFirstSimPin: 5,
  networkPin: 6,
  networkSubsetPin: 7,
  serviceProviderPin: 8,
  corporatePin: 9,
  subsidyLock: 10,
  puk1: 11,
  puk2: 12,
  deviceFirstSimPuk: 13,
  networkPuk: 14,
  networkSubsetPuk: 15,
  serviceProviderPuk: 16,
  corporatePuk: 17,
});
export const pinState = enumOf({ unlocked: 0, locked: 1 });
export const pinOperation = enumOf({ enter: 0, enable: 1, disable: 2, change: 3 });
export const pinMode = enumOf({ notSupported: 0, enabled: 1, disabled: 2 });
export const pinFormat = enumOf({ unknown: 0, numeric: 1, alphanumeric: 2 });

export const providerState = flagsOf({
  home: 1,
  forbidden: 2,
  preferred: 4,
  visible: 8,
  registered: 0x10,
  preferredMulticarrier: 0x20,
});

/** MBIM_PROVIDER. @see MBIM 1.0 10.5.9 */
export const provider = {
  /** MCC and MNC, five or six digits. */
  providerId: text,
  providerState,
  providerName: text,
  cellularClass,
  /** 0-31, 99 unknown. */
  rssi: u32,
  /** 0-7, 99 unknown. */
  errorRate: u32,
} as const;

/** MBIM_PROVIDERS. */
export const providers = { providerCount: countOf("providers"), providers: pairsTo(structure(provider)) } as const;

export const registerState = enumOf({
  unknown: 0,
  deregistered: 1,
  searching: 2,
  home: 3,
  roaming: 4,
  partner: 5,
  denied: 6,
});
export const registerMode = enumOf({ unknown: 0, automatic: 1, manual: 2 });
export const registerAction = enumOf({ automatic: 0, manual: 1 });
export const registrationFlags = flagsOf({ manualSelectionNotAvailable: 1, packetServiceAutoAttach: 2 });
export const packetServiceState = enumOf({ unknown: 0, attaching: 1, attached: 2, detaching: 3, detached: 4 });
export const packetServiceAction = enumOf({ attach: 0, detach: 1 });
export const scanAction = enumOf({ full: 0, restricted: 1 });

export const activationCommand = enumOf({ deactivate: 0, activate: 1 });
export const activationState = enumOf({ unknown: 0, activated: 1, activating: 2, deactivated: 3, deactivating: 4 });
export const voiceCallState = enumOf({ none: 0, inProgress: 1, hangUp: 2 });
export const compression = enumOf({ none: 0, enable: 1 });
export const authProtocol = enumOf({ none: 0, pap: 1, chap: 2, mschapv2: 3 });
export const ipType = enumOf({ default: 0, ipv4: 1, ipv6: 2, ipv4v6: 3, ipv4AndIpv6: 4 });

/** @see MBIM 1.0 table 10-76 */
export const contextTypes = {
  none: "b43f758c-a560-4b46-b35e-c5869641fb54",
  internet: "7e5e2a7e-4e6f-7272-736b-656e7e5e2a7e",
  vpn: "9b9f7bbe-8952-44b7-83ac-ca41318df7a0",
  voice: "88918294-0ef4-4396-8cca-a8588fbc02b2",
  videoShare: "05a2a716-7c34-4b4d-9a91-c5ef0c7aaacc",
  purchase: "b3272496-ac6c-422b-a8c0-acf687a27217",
  ims: "21610d01-3074-4bce-9425-b53a07d697d6",
  mms: "46726664-7269-6bc6-9624-d1d35389aca9",
  local: "a57a9afc-b09f-45d7-bb40-033c39f60db9",
} as const;

export const ipAvailable = flagsOf({ address: 1, gateway: 2, dns: 4, mtu: 8 });
/** MBIM_IPV4_ELEMENT and MBIM_IPV6_ELEMENT. */
export const ipv4Element = { prefixLength: u32, address: ipv4 } as const;
export const ipv6Element = { prefixLength: u32, address: ipv6 } as const;

/** MBIM_DEVICE_SERVICE_ELEMENT. */
export const deviceService = {
  service: guid,
  dssPayload: flagsOf({ hostToDevice: 1, deviceToHost: 2 }),
  maxDssInstances: u32,
  cidCount: countOf("cids"),
  cids: elements(u32),
} as const;

/** MBIM_EVENT_ENTRY. */
export const eventEntry = { service: guid, cidCount: countOf("cids"), cids: elements(u32) } as const;
