/** Descriptors as /sys/kernel/debug/usb/devices prints them (drivers/usb/core/devices.c), so that reports can be compared. */

const hex2 = (value: number): string => value.toString(16).padStart(2, "0");
const intervalText = (attributes: number, interval: number): string =>
  attributes === 3 ? `${2 ** (interval - 1) / 8}ms` : "0ms";

/** A:, I: and E: lines of a configuration of a high-speed device; classes as numbers. */
export function listing(configuration: Buffer): string {
  const lines: string[] = [];
  for (let at = 9; at < configuration.length; at += configuration.readUInt8(at)) {
    const [, type, b2 = 0, b3 = 0, b4 = 0, b5 = 0, b6 = 0, b7 = 0] = configuration.subarray(at, at + 9);
    if (type === 11) lines.push(`A: ${b2}+${b3} ${hex2(b4)}/${hex2(b5)}/${hex2(b6)}`);
    if (type === 4) lines.push(`I: ${b2}.${b3} #EPs=${b4} ${hex2(b5)}/${hex2(b6)}/${hex2(b7)}`);
    if (type === 5)
      lines.push(`E: ${hex2(b2)} ${b3 === 2 ? "Bulk" : "Int."} ${b4 | (b5 << 8)} ${intervalText(b3, b6)}`);
  }
  return lines.join("\n");
}

/** The same lines from such a report. */
export function listingOfReport(report: string): string {
  const lines = report.split("\n").flatMap((line) => {
    const [, first, count, ...association] =
      /^\s*A:\s+FirstIf#=\s*(\d+) IfCount=\s*(\d+) Cls=(..)\S* Sub=(..) Prot=(..)/.exec(line) ?? [];
    if (first !== undefined) return [`A: ${first}+${count} ${association.join("/")}`];
    const [, number, alternate, endpoints, ...triple] =
      /^\s*I:\*? +If#= *(\d+) Alt= *(\d+) #EPs= *(\d+) Cls=(..)\S* *\)? *Sub=(..) Prot=(..)/.exec(line) ?? [];
    if (number !== undefined) return [`I: ${number}.${alternate} #EPs=${endpoints} ${triple.join("/")}`];
    const [, address, kind, size, interval] =
      /^\s*E: +Ad=(..)\(.\) Atr=..\((....)\) MxPS= *(\d+) Ivl=(\S+)/.exec(line) ?? [];
    return address === undefined ? [] : [`E: ${address} ${kind} ${size} ${interval}`];
  });
  return lines.join("\n");
}
