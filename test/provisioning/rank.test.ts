/** Excerpts in the format of the provider database, and the installed one. */
import { existsSync, readFileSync } from "node:fs";
import t from "tap";
import { askDatabase } from "../../src/provisioning/database.js";
import { apnsOf, excerptFor, parseProviders } from "../../src/provisioning/provider-database.js";
import { mmsBeside, rankInternet } from "../../src/provisioning/rank.js";

const installed = "/usr/share/mobile-broadband-provider-info/serviceproviders.xml";
const never = new AbortController().signal;

const database = (...providers: readonly string[]): string => `<?xml version="1.0"?>
<!DOCTYPE serviceproviders SYSTEM "serviceproviders.2.dtd">
<serviceproviders format="2.0"><country code="zz"><name>Nowhere</name>
${providers.join("\n")}
</country></serviceproviders>`;

const provider = (name: string, networks: readonly string[], apns: string, attributes = ""): string =>
  `<provider ${attributes}><name>${name}</name><gsm>${networks
    .map((id) => `<network-id mcc="${id.slice(0, 3)}" mnc="${id.slice(3)}"/>`)
    .join("")}${apns}</gsm></provider>`;

const apn = (value: string, ...inside: readonly string[]): string => `<apn value="${value}">${inside.join("")}</apn>`;
const usage = (type: string): string => `<usage type="${type}"/>`;
const plan = (type: string): string => `<plan type="${type}"/>`;
const named = (name: string): string => `<name>${name}</name>`;
const internet = usage("internet");

const ranked = (xml: string, plmn = "99901", serviceProviderName?: string): readonly string[] =>
  rankInternet(apnsOf(parseProviders(xml), { mcc: plmn.slice(0, 3), mnc: plmn.slice(3) }), {
    serviceProviderName,
  }).map(({ apn }) => apn);

t.test("several APNs for the internet: the one for everybody first, none thrown away", async (t) => {
  const xml = database(
    provider(
      "Example",
      ["99901"],
      [
        apn("mms.example", usage("mms")),
        apn("wap.example", usage("wap")),
        apn("prepaid.example", plan("prepaid"), internet),
        apn("iot.example", internet),
        apn("first.example", plan("postpaid"), internet),
        apn("standard.example", internet, named("Default dualstack")),
        apn("old.example"),
        apn("not an apn", internet),
        apn("first.example", internet, named("The same again")),
      ].join(""),
    ),
  );
  t.strictSame(ranked(xml), ["standard.example", "first.example", "iot.example", "prepaid.example", "old.example"]);
});

t.test("who owns the network comes before who buys from it, unless the card names its operator", async (t) => {
  const virtual = provider("Cheap Mobile", ["99901"], apn("cheap.example", internet));
  const owner = provider("Owner", ["99901", "99902"], apn("owner.example", internet));
  t.strictSame(ranked(database(virtual, owner)), ["owner.example", "cheap.example"], "it has more codes");
  const primary = provider("Other", ["99901"], apn("primary.example", internet), 'primary="true"');
  t.equal(ranked(database(virtual, owner, primary))[0], "primary.example");
  t.equal(ranked(database(virtual, owner, primary), "99901", "CHEAP-Mobile ")[0], "cheap.example");
  t.strictSame(ranked(database(virtual, owner), "99903"), []);
});

t.test("credentials, and the MMS context beside", async (t) => {
  const mms = apn("mms.example", usage("mms"), "<mmsc>http://mms.example</mmsc><mmsproxy>10.0.0.1:8080</mmsproxy>");
  const main = apn(
    "a.example",
    internet,
    '<username>u&amp;1</username><password> p </password><authentication method="pap"/>',
  );
  const all = (xml: string) => apnsOf(parseProviders(xml), { mcc: "999", mnc: "01" });
  const xml = database(provider("Example", ["99901"], main + mms));
  const [best] = rankInternet(all(xml));
  t.match(best, { apn: "a.example", username: "u&1", password: "p", auth: "pap", provider: "Example" });
  t.match(best && mmsBeside(best, all(xml)), { apn: "mms.example", mmsc: "http://mms.example" });
  const two = all(database(provider("Example", ["99901"], main + mms + apn("mms2", usage("mms"), "<mmsc>x</mmsc>"))));
  t.equal(best && mmsBeside(best, two), undefined, "two are not exactly one");
});

t.test("MNCs of two and three digits", async (t) => {
  const xml = database(
    provider("Three", ["310260"], apn("three.example", internet)),
    provider("Two", ["31026"], apn("two.example", internet)),
    provider("Only", ["99907"], apn("only.example", internet)),
  );
  t.strictSame(ranked(xml, "310260"), ["three.example"]);
  t.strictSame(ranked(xml, "31026"), ["two.example"]);
  t.strictSame(ranked(xml, "999007"), ["only.example"], "the same number, where nothing fits exactly");
});

t.test("whatever the file holds", async (t) => {
  for (const text of ["", "no XML", "<a/>", "<serviceproviders/>", "\u0000\u0001", installed])
    t.throws(() => parseProviders(text), { message: /no provider database/ }, JSON.stringify(text));
  const odd = database(
    "<provider/>",
    "<provider><name>x</name><gsm/></provider>",
    "<provider>text<gsm><apn/><network-id/></gsm></provider>",
    provider("Good", ["99901"], apn("good.example", internet, "<unknown>1</unknown>")),
  );
  t.strictSame(ranked(odd), ["good.example"]);
});

t.test("the installed database", { skip: !existsSync(installed) && `${installed} is not installed` }, async (t) => {
  const text = readFileSync(installed, "utf8");
  const all = parseProviders(text);
  for (const [mcc, mnc, best] of [
    ["262", "01", "internet.telekom"],
    ["262", "02", "web.vodafone.de"],
    ["234", "15", "internet"],
    ["310", "260", "fast.t-mobile.com"],
    ["208", "01", "orange.fr"],
  ] as const)
    t.equal(rankInternet(apnsOf(all, { mcc, mnc }))[0]?.apn, best, `${mcc}-${mnc}`);
  for (const plmn of [...new Set(all.providers.flatMap(({ networks }) => networks[0] ?? []))].slice(0, 60))
    t.strictSame(
      apnsOf(parseProviders(excerptFor(text, plmn)), plmn),
      apnsOf(all, plmn),
      `${plmn.mcc}-${plmn.mnc} in an excerpt`,
    );
  const asked = await askDatabase({ file: installed, plmn: { mcc: "262", mnc: "01" } }, never);
  t.match(asked, { internet: [{ apn: "internet.telekom" }], mms: { apn: "internet.t-mobile" } }, "by its own process");
  const ids = all.providers.flatMap(({ networks }) => networks);
  const networks = [...new Map(ids.map((id) => [`${id.mcc}-${id.mnc}`, id])).values()];
  const ambiguous = networks.filter((network) => {
    const usages = apnsOf(all, network).map((one) => one.usage ?? "internet");
    return new Set(usages).size !== usages.length || usages.some((one) => !["internet", "mms", "wap"].includes(one));
  });
  const chosen = ambiguous.filter((network) => rankInternet(apnsOf(all, network)).length > 0);
  t.comment(`${ambiguous.length} of ${networks.length} networks are ambiguous, ${chosen.length} have a choice`);
  t.ok(chosen.length > 0.99 * ambiguous.length);
});

t.test("an excerpt for one country has what the whole has, whatever stands in comments", async (t) => {
  const ours = provider("Ours", ["99901"], apn("ours.example", internet));
  const theirs = provider("Theirs", ["99801"], apn("theirs.example", internet));
  const xml = database("<!-- <provider> was here -->", theirs, `<!-- ${ours} -->`, ours.replaceAll('"', "'"));
  const excerpt = excerptFor(xml, { mcc: "999", mnc: "01" });
  t.notMatch(excerpt, "theirs.example");
  t.strictSame(ranked(excerpt), ["ours.example"]);
  t.throws(() => parseProviders(excerptFor("no XML", { mcc: "999", mnc: "01" })), { message: /no provider database/ });
});

t.test("no file, no database in it, nobody waiting any more", async (t) => {
  const plmn = { mcc: "999", mnc: "01" };
  await Promise.all([
    t.resolveMatch(askDatabase({ file: "/nowhere/providers.xml", plmn }, never), undefined),
    t.rejects(askDatabase({ file: "/etc/passwd", plmn }, never), { message: /^\/etc\/passwd: no provider database/ }),
    t.rejects(askDatabase({ file: "/etc", plmn }, never), { message: /EISDIR/ }),
  ]);
  const gone = new AbortController();
  const asked = askDatabase({ file: installed, plmn }, gone.signal);
  gone.abort(new Error("the modem went away"));
  await t.rejects(asked, { message: "the modem went away" });
  await t.rejects(askDatabase({ file: installed, plmn }, gone.signal), { message: "the modem went away" });
});
