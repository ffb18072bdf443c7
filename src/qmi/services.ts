/** Service numbers by the field's names. What speaks QMI and is not here still passes: it is shown by its number. */
export const services = {
  ctl: 0x00,
  wds: 0x01,
  dms: 0x02,
  nas: 0x03,
  qos: 0x04,
  wms: 0x05,
  pds: 0x06,
  auth: 0x07,
  at: 0x08,
  voice: 0x09,
  cat2: 0x0a,
  uim: 0x0b,
  pbm: 0x0c,
  loc: 0x10,
  sar: 0x11,
  ims: 0x12,
  tmd: 0x18,
  wda: 0x1a,
  imsp: 0x1f,
  imsa: 0x21,
  pdc: 0x24,
  dsd: 0x2a,
  dpm: 0x2f,
  cat: 0xe0,
  gms: 0xe7,
  gas: 0xe8,
} as const;

export type ServiceName = keyof typeof services;

const nameByNumber = new Map<number, ServiceName>(
  (Object.keys(services) as ServiceName[]).map((name) => [services[name], name]),
);

export const serviceNamed = (number: number): ServiceName | undefined => nameByNumber.get(number);

/** `WDS`, or `service 0xe1`. */
export const serviceText = (number: number): string =>
  nameByNumber.get(number)?.toUpperCase() ?? `service 0x${number.toString(16)}`;
