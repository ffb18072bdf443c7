import t from "tap";
import { OfonoError, refusalName } from "../../../src/dbus/errors.js";
import { type Answers, answering, cmeNames } from "../../../src/dbus/interfaces/answers.js";
import { DomainRefusal, type RefusalKind } from "../../../src/modem/api.js";
import { ModemError, type ModemErrorCode } from "../../../src/runtime/error.js";

const kinds: readonly RefusalKind[] = [
  ...(["inProgress", "notAvailable", "notAttached", "attachInProgress", "notFound", "notAllowed"] as const),
  ...(["notImplemented", "inUse", "invalidFormat", "invalidArguments", "accessDenied", "emergencyActive"] as const),
  ...(["timedOut", "simNotReady", "notActive"] as const),
];
const codes: readonly ModemErrorCode[] = [
  ...(["timeout", "aborted", "unplugged", "refused", "protocol", "unsupported", "busy", "invalid"] as const),
  ...(["notReady", "denied", "badPin", "notRegistered"] as const),
];

async function heard(answers: Answers, error: Error): Promise<string> {
  try {
    await answering(answers, () => Promise.reject(error));
    return "ok";
  } catch (answer) {
    return answer instanceof OfonoError ? answer.errorName : String(answer);
  }
}

t.test("every rule of the service has oFono's name for it, spelled as oFono spells it", async (t) => {
  t.strictSame(
    kinds.map((kind) => refusalName(kind)),
    [
      ...["InProgress", "NotAvailable", "NotAttached", "AttachInProgress", "NotFound", "NotAllowed"],
      ...["NotImplemented", "InUse", "InvalidFormat", "InvalidArguments", "AccessDenied", "EmergencyActive"],
      ...["Timedout", "SimNotReady", "NotActive"],
    ],
  );
});

t.test("what a row does not list reads Failed, whatever happened", async (t) => {
  const nothing: Answers = { rules: [], modem: [] };
  for (const kind of kinds) t.equal(await heard(nothing, new DomainRefusal(kind, "x")), "Failed", kind);
  for (const code of codes) t.equal(await heard(nothing, new ModemError(code, "x")), "Failed", code);
});

t.test("a PIN operation tells apart what +CME ERROR tells apart", async (t) => {
  const answers: Answers = { rules: [], modem: cmeNames };
  const names: string[] = [];
  for (const code of codes) names.push(`${code}: ${await heard(answers, new ModemError(code, "x"))}`);
  t.strictSame(names, [
    "timeout: Timedout",
    "aborted: Failed",
    "unplugged: Failed",
    "refused: Failed",
    "protocol: Failed",
    "unsupported: NotImplemented",
    "busy: InProgress",
    "invalid: Failed",
    "notReady: Failed",
    "denied: AccessDenied",
    "badPin: IncorrectPassword",
    "notRegistered: NotRegistered",
  ]);
});

t.test("the network's own words stay in the text of a plain Failed", async (t) => {
  const failure = { domain: "esm", code: 27, name: "MissingOrUnknownApn" } as const;
  const refused = new ModemError("refused", "connect", { cause: new ModemError("refused", "inner", { failure }) });
  await t.rejects(
    answering({ rules: [], modem: [] }, () => Promise.reject(refused)),
    { errorName: "Failed", message: /esm 27 MissingOrUnknownApn/ },
  );
});

t.test("a bug is not dressed up as an answer", async (t) => {
  await t.rejects(
    answering({ rules: [], modem: [] }, () => Promise.reject(new TypeError("x is undefined"))),
    TypeError,
  );
});
