import t from "tap";
import { plmnOfBytes } from "../../src/drivers/plmn.js";
import { providerNameOf } from "../../src/drivers/qmi/card-files.js";

const name = (hex: string) => providerNameOf(Buffer.from(hex.replaceAll(" ", ""), "hex"));

t.test("the provider's name: of the GSM alphabet, of UCS-2, none", async (t) => {
  t.equal(name("01 57 77 61 6e 64 ffffffff"), "Wwand");
  t.equal(name("01 80 041c 0422 0421 ffff ffff"), "МТС");
  t.equal(name("01 ffffffff"), undefined);
  t.equal(name(""), undefined, "an empty file");
  t.equal(name("01 80 041c 04"), "М", "cut in the middle of a letter");
});

t.test("a PLMN in half bytes: two and three digits of MNC, and an empty place", async (t) => {
  t.strictSame(plmnOfBytes(0x62, 0xf2, 0x30), { mcc: "262", mnc: "03" });
  t.strictSame(plmnOfBytes(0x13, 0x00, 0x14), { mcc: "310", mnc: "410" });
  t.equal(plmnOfBytes(0xff, 0xff, 0xff), undefined);
});
