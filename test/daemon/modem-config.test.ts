import t from "tap";
import type { ModemConfig, ModemMatch } from "../../src/config/types.js";
import { configOf } from "../../src/daemon/modem-config.js";

const entry = (match: ModemMatch): ModemConfig => ({ match, connect: true });
const imei = "490154203237518";
const modem = { imei, usbPath: "1-1.4", ids: "2c7c:0125" };

t.test("the first entry holds whose keys all fit; `any` only where no other does, wherever it stands", async (t) => {
  const any = entry({ any: true });
  const byIds = entry({ ids: "2c7c:0125" });
  const byPlace = entry({ usbPath: "1-1.4", ids: "1199:9091" });
  t.equal(configOf([any, byPlace, byIds], modem), byIds);
  t.equal(configOf([byIds, entry({ imei })], modem), byIds);
  t.equal(configOf([any, byPlace], modem), any);
  t.equal(configOf([byPlace], modem), undefined);
});

t.test("an IMEI fits when it was read, and one that is named by URL is no found modem", async (t) => {
  const byImei = entry({ imei });
  t.equal(configOf([byImei], modem), byImei);
  t.equal(configOf([byImei], { ...modem, imei: undefined }), undefined);
  t.equal(configOf([entry({ url: "mbim+dev:/dev/cdc-wdm0" })], modem), undefined);
  t.equal(configOf([entry({ usbPath: "1-1.4" })], { ...modem, usbPath: undefined }), undefined, "not on USB");
});
