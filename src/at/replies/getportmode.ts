/** ^GETPORTMODE: Huawei's map from what a port is for to the number of its USB interface. */
import { type AtQuery, lines as answerLines } from "../command.js";

/** Names as the firmware has them: `MDM`, `PCUI`, `DIAG`, `NDIS`, `GPS`, `CDROM`, ... in capitals. */
export type HuaweiPorts = ReadonlyMap<string, number>;

/** `^GETPORTMODE:TYPE:WCDMA:Qualcomm,MDM:0,DIAG:1,PCUI:2`, with blanks and a comma at the end in some firmware. */
export const huaweiPorts: AtQuery<HuaweiPorts> = {
  text: "AT^GETPORTMODE",
  answer: answerLines("^GETPORTMODE:"),
  read: (lines) => {
    const ports = new Map<string, number>();
    for (const [, name = "", number] of lines
      .join(",")
      .matchAll(/(?<=,) *([A-Za-z0-9_ ]+?) *: *([0-9]{1,2}) *(?=,|$)/g))
      ports.set(name.toUpperCase(), Number(number));
    if (ports.size === 0) throw new RangeError("an answer without a port");
    return ports;
  },
};
