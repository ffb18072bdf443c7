/** A modem fails somewhere. Its trace, masked, shows the same failure on a machine where that modem is not. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import t from "tap";
import { startWwand, stateFolder, writeFiles, wwanctl, wwanctlJson } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { startModem } from "../lab/virtual-modem.js";
import { root, World } from "../lab/world.js";

t.setTimeout(110_000);

const iccid = "89882280666014579837";
const imeis = { mbim: "004999010640000", qmi: "004999010648003" } as const;
const secrets = { pin: "1234", password: "hush-hush-9" };

/** The network refuses the card this APN with 3GPP cause 33. */
const config = (url: string, iccid: string): string => `[[modem]]
match   = { url = "${url}" }
connect = true

[[sim]]
iccid = "${iccid}"
apn  = "unsubscribed"
user = "someone"
password = "${secrets.password}"
auth = "chap"
pin  = "${secrets.pin}"
`;

const place = { port: "modem", net: "wwan0" } as const;

/** The digits two to a byte, the first in the low half, as EF ICCID and, one half byte later, EF IMSI have them. */
const swapped = (digits: string): string => digits.replace(/(.)(.)/g, "$2$1").slice(0, digits.length & ~1);

/** Every form in which a value might stand in the bytes of a message, as hexadecimal. */
const formsOf = (value: string): readonly string[] => [
  Buffer.from(value).toString("hex"),
  Buffer.from(value, "utf16le").toString("hex"),
  ...(/^[0-9]{10,}$/.test(value) ? [value, swapped(value), swapped(value.slice(1))] : []),
];

for (const protocol of ["mbim", "qmi"] as const)
  t.test(`${protocol}: a refused call, on the machine where it happened and replayed on another`, async (t) => {
    const name = `${protocol}_0`;
    const identities = [imeis[protocol], "001010123456789", iccid, "15550100123"];
    const world = await World.build(t);
    await world.pullCable();
    const modem = await startModem(world, { pinEnabled: "true" }, place, protocol);
    await writeFiles(world, { config: config(modem.url, iccid) });
    const told = async () => {
      const { out } = await wwanctl(world, "modem", name);
      return { step: /step: (8\/10 .*)/.exec(out)?.[1], failure: /last failure: (.*)/.exec(out)?.[1] };
    };
    const refused = async () => eventually("the refusal is shown", told, ({ step }) => /33/.test(step ?? ""), 20_000);
    const daemon = await startWwand(world);
    const original = await refused();
    const keptTraces = async () => {
      const { json } = await wwanctlJson(world, "trace", "list");
      return Array.isArray(json) ? json.map(Object) : [];
    };
    const [kept] = await eventually("kept", keptTraces, (list) => list.length > 0, 10_000);
    t.match(kept, { modem: name, failure: original.step });

    const shown = await wwanctl(world, "trace", "show", kept.name, "--modem", name);
    t.match(shown.out, /START_NETWORK.* apn="unsubscribed"|CONNECT set .*accessString="unsubscribed"/);
    t.match(shown.out, /bearer starting -> backoff/, "decisions stand between the messages");
    for (const hidden of [...identities, ...Object.values(secrets)]) t.notMatch(shown.out, hidden);
    const revealed = await wwanctl(world, "trace", "show", kept.name, "--identities");
    for (const identity of identities) t.match(revealed.out, identity);
    t.notMatch(revealed.out, secrets.password, "secrets are shown to nobody");

    const file = world.file("incident.trace");
    t.equal((await wwanctl(world, "trace", "export", kept.name, file)).code, 0);
    t.equal((await wwanctl(world, "trace", "export", kept.name, file)).code, 2, "never over a file that is there");
    const frames = gunzipSync(await readFile(file)).toString();
    for (const value of [...identities, secrets.password])
      for (const form of formsOf(value)) t.notMatch(frames, form, `${value} as ${form}`);
    t.notMatch(frames, new RegExp(`${Buffer.from(secrets.pin).toString("hex")}|31003200330034`), "the PIN");
    t.equal((await daemon.end()).code, 0);
    await modem.program.end();

    await rm(stateFolder(world), { recursive: true });
    const replay = world.start(`${root}bin/wwand-virtual`, [
      ...["run", "--replay", file, "--unix", world.file(place.port), "--net", place.net, "--speed", "10"],
    ]);
    const ready = await replay.line(/^ready replay of/);
    const pseudonym = /iccid=(\d+)/.exec(ready)?.[1] ?? "";
    t.match(pseudonym, /^898822\d{14}$/, "the card has another number of the same issuer");
    await writeFiles(world, { config: config(modem.url, pseudonym) });
    const again = await startWwand(world);
    t.strictSame(await refused(), original, "the same step and the same cause, in the same words");
    t.match(again.text, /activation failed/);
    t.equal((await again.end()).code, 0);

    const whole = await readFile(file);
    for (const [what, bytes] of [
      ["cut", whole.subarray(0, whole.length - 20)],
      ["damaged", Buffer.concat([whole.subarray(0, 200), Buffer.alloc(40), whole.subarray(240)])],
      ["something else", Buffer.from("not a trace\n")],
    ] as const) {
      await writeFile(world.file("bad.trace"), bytes);
      const { code, out } = await wwanctl(world, "trace", "show", world.file("bad.trace"));
      t.equal(code, 2, what);
      t.match(out, /no usable trace: /, what);
      const broken = world.start(`${root}bin/wwand-virtual`, [
        ...["run", "--replay", world.file("bad.trace"), "--unix", world.file("other")],
      ]);
      t.equal((await broken.ended()).code, 1);
      t.match(broken.text, /no usable trace: /);
    }
  });
