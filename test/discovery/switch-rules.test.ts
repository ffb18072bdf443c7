import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import t from "tap";
import { fileInTar, switchRule } from "../../src/discovery/switch-rules.js";

/** usb-modeswitch-data 20191128, 12d1:1f01. */
const e353 = `# Huawei E353 (3.se) and others
TargetVendor=0x12d1
TargetProductList="14db,14dc"
HuaweiNewMode=1
`;
const other = "# another\nTargetVendor=0x12d1\n";

/** As Debian has it: one archive. */
function packed(folder: string): string {
  const target = join(folder, "usr/share/usb_modeswitch/configPack.tar.gz");
  execFileSync("tar", ["-czf", target, "-C", join(folder, "files"), "12d1:1446", "12d1:1f01"]);
  return target;
}

t.test("files of their own, Debian's archive, and an administrator's word before both", async (t) => {
  const files = { "12d1:1446": other, "12d1:1f01": e353 };
  const debian = t.testdir({ files, usr: { share: { usb_modeswitch: {} } } });
  packed(debian);
  t.equal(await switchRule("12d1:1f01", debian), e353);
  t.equal(await switchRule("12d1:1f02", debian), undefined);
  const arch = t.testdir({
    etc: { "usb_modeswitch.d": { "12d1:1446": "# mine\n" } },
    usr: { share: { usb_modeswitch: files } },
  });
  t.equal(await switchRule("12d1:1f01", arch), e353);
  t.equal(await switchRule("12d1:1446", arch), "# mine\n");
});

t.test(
  "not installed: nothing to say, and a helper where other distributions have a folder is no folder",
  async (t) => {
    t.equal(await switchRule("12d1:1f01", t.testdir({})), undefined);
    t.equal(await switchRule("12d1:1f01", t.testdir({ lib: { udev: { "usb_modeswitch.d": "" } } })), undefined);
  },
);

t.test("an archive cut at every block is read no further than it goes", async (t) => {
  const folder = t.testdir({
    files: { "12d1:1446": other, "12d1:1f01": e353 },
    usr: { share: { usb_modeswitch: {} } },
  });
  const archive = gunzipSync(readFileSync(packed(folder)));
  t.equal(fileInTar(archive, "12d1:1f01")?.toString(), e353);
  for (let length = 0; length < archive.length; length += 64) {
    try {
      const found = fileInTar(archive.subarray(0, length), "12d1:1f01");
      t.ok(found === undefined || found.toString() === e353, `cut at ${length}`);
    } catch (error) {
      t.type(error, RangeError, `cut at ${length}`);
    }
  }
  const broken = Buffer.concat([Buffer.alloc(512, "x"), archive]);
  t.throws(() => fileInTar(broken, "12d1:1f01"), { message: "no tar header at byte 0" });
});
