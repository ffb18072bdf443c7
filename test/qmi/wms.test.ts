/** WMS by the answers that Sierra Wireless' demonstration of its packing library holds (sms.c): TLVs alone, behind the result. */
import t from "tap";
import { decodeTlvs, encodeTlvs } from "../../src/codec/tlv.js";
import * as wms from "../../src/qmi/services/wms.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

t.test("the service centre's number, behind the kind of number that it is", async (t) => {
  const bytes = hex("01 1000 313435 0c 2b38353239303130303030 30");
  const values = decodeTlvs(wms.getServiceCentre.response, bytes);
  t.strictSame(values, { address: { type: "145", digits: "+85290100000" } });
  t.strictSame(encodeTlvs(wms.getServiceCentre.response, values), bytes);
});

t.test("a list of messages; the reference of one that was sent", async (t) => {
  const list = hex("01 1300 03000000 00000000 02 00000000 03 01000000 01");
  t.strictSame(
    decodeTlvs(wms.listMessages.response, list).messages.map(({ index, tag }) => `${index} ${tag}`),
    ["0 sent", "0 notSent", "1 notRead"],
  );
  t.strictSame(decodeTlvs(wms.rawSend.response, hex("01 0200 3300")), { reference: 0x33 });
});

t.test("of a message a log shows how long it is", async (t) => {
  const { pdu } = { pdu: Buffer.from("0011223344556677", "hex") };
  const shown = wms.rawSend.request.message.value.show({ format: "pointToPoint", pdu });
  t.equal(shown, "{format=pointToPoint pdu=(8 bytes)}");
});
