import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { parseKeyFile } from "../../src/provisioning/key-file.js";
import { OfonoFiles } from "../../src/provisioning/ofono-files.js";
import { readGprs, readProvisioning } from "../../src/provisioning/ofono-storage.js";
import { createLog } from "../../src/runtime/log.js";

const never = new AbortController().signal;

/** As oFono 1.31 writes it. */
const gprs = `[Settings]
Powered=true
RoamingAllowed=false

[context2]
Name=Internet
AccessPointName=internet.example
Username=\\suser
Password=a\\\\b;c="d"\\n
AuthenticationMethod=pap
Type=internet
Protocol=dual

[context3]
Name=MMS
AccessPointName=mms.example
Username=
Password=
Type=mms
Protocol=ip
MessageProxy=10.0.0.1:8080
MessageCenter=http://mms.example/x=y
`;

t.test("key files: escapes, comments, spaces, what comes twice", async (t) => {
  const file = parseKeyFile("# c\r\n\n [a b]\nk = v \nx=\nk[de]=x\n[a b]\nk=w=\\\\\\t#\n");
  t.strictSame(
    [...file].map(([name, group]) => [name, [...group]]),
    [
      [
        "a b",
        [
          ["k", "w=\\\t#"],
          ["x", ""],
          ["k[de]", "x"],
        ],
      ],
    ],
  );
  for (const [text, line] of [
    ["k=v", 1],
    ["[g]\nnonsense", 2],
    ["[g]\nk=\\q", 2],
    ["[g]\nk=end\\", 2],
    ["[g\nk=v", 1],
    ["\u0000\u0001", 1],
  ] as const)
    t.throws(() => parseKeyFile(text), { message: new RegExp(`^line ${line}: `) }, JSON.stringify(text));
});

t.test("a subscriber's contexts with their numbers", async (t) => {
  const { state, leftOut } = readGprs(gprs);
  t.strictSame(leftOut, []);
  t.strictSame(state, {
    contexts: [
      {
        name: "Internet",
        type: "internet",
        protocol: "dual",
        apn: "internet.example",
        username: " user",
        password: 'a\\b;c="d"\n',
        auth: "pap",
        messageProxy: "",
        messageCenter: "",
        number: 2,
      },
      {
        name: "MMS",
        type: "mms",
        protocol: "ip",
        apn: "mms.example",
        username: "",
        password: "",
        auth: "chap",
        messageProxy: "10.0.0.1:8080",
        messageCenter: "http://mms.example/x=y",
        number: 3,
      },
    ],
  });
  const chosen = readGprs("[Settings]\nPowered=false\nRoamingAllowed=true\n").state;
  t.strictSame(chosen, { powered: false, roamingAllowed: true, contexts: [] }, "what differs from oFono's defaults");
  const odd = readGprs(
    "[context1]\nType=ia\n[context4]\nType=internet\nProtocol=x25\n[context5]\nType=internet\n[contextX]\nType=internet\n",
  );
  t.strictSame(odd.leftOut, ["context1: unknown Type", "context4: protocol must be one of ip, ipv6, dual"]);
  t.match(odd.state.contexts, [{ number: 5, apn: "" }]);
});

t.test("the hand-made provisioning file", async (t) => {
  const text = `[operator:262,01]
internet.AccessPointName=hand.example
internet.Username=u
mms.AccessPointName=mms.example
mms.MessageCenter=http://mms.example
[operator:262,02]
internet.AccessPointName=
`;
  const read = (mnc: string) => readProvisioning(text, { mcc: "262", mnc });
  t.match(read("01"), [
    { type: "internet", apn: "hand.example", username: "u", auth: "chap" },
    { type: "mms", apn: "mms.example", messageCenter: "http://mms.example" },
  ]);
  t.strictSame([read("02"), read("001"), read("1")], [[], [], []]);
});

t.test("oFono's folder: read, never changed; broken files are told and skipped", async (t) => {
  const folder = t.testdir({
    "262011234567890": { gprs, netreg: "[Settings]\nMode=manual\n" },
    "262019999999999": { gprs: "[Settings\n" },
    "262018888888888": { gprs: {} },
    provisioning: "nonsense",
  });
  const lines: string[] = [];
  const files = new OfonoFiles(
    () => folder,
    createLog("debug", (line) => lines.push(line)),
  );
  chmodSync(join(folder, "262011234567890/gprs"), 0o400);
  t.equal((await files.subscriber("262011234567890", never))?.contexts.length, 2);
  t.match(lines.splice(0).join(""), /operator chosen by hand/);
  t.equal(readFileSync(join(folder, "262011234567890/gprs"), "utf8"), gprs);
  t.equal(await files.subscriber("262019999999999", never), undefined);
  t.equal(await files.subscriber("262018888888888", never), undefined);
  t.strictSame(await files.provisioning({ mcc: "262", mnc: "01" }, never), []);
  const told = lines.splice(0).join("");
  t.match(told, /skipped .*gprs.*line 1: \[group\]/);
  t.match(told, /EISDIR/);
  t.match(told, /provisioning/);
  t.notMatch(told, /262019999999999/, "the subscriber is masked");
  t.equal(await files.subscriber("262017777777777", never), undefined);
  t.equal(await files.subscriber("../../etc", never), undefined);
  t.strictSame(lines, [], "nothing to tell where there is nothing");
});
