import t from "tap";
import { BusError, knownErrorReply, OfonoError, ofonoErrorName } from "../../src/dbus/errors.js";
import { DomainRefusal } from "../../src/modem/api.js";
import { ModemError, type ModemErrorCode } from "../../src/runtime/error.js";

const ofono = (error: unknown) => knownErrorReply(error, "org.ofono.Error.");

t.test("every failure of a modem has oFono's name", async (t) => {
  const codes: readonly ModemErrorCode[] = [
    "timeout",
    "aborted",
    "unplugged",
    "refused",
    "protocol",
    "unsupported",
    "busy",
    "invalid",
    "notReady",
    "denied",
    "badPin",
    "notRegistered",
  ];
  t.strictSame(
    codes.map((code) => `${code}: ${ofonoErrorName(code)}`),
    [
      "timeout: Timedout",
      "aborted: Canceled",
      "unplugged: NotAvailable",
      "refused: Failed",
      "protocol: Failed",
      "unsupported: NotImplemented",
      "busy: InProgress",
      "invalid: InvalidFormat",
      "notReady: NotAvailable",
      "denied: AccessDenied",
      "badPin: IncorrectPassword",
      "notRegistered: NotRegistered",
    ],
  );
});

t.test("the text says what failed and, in the network's own words, why", async (t) => {
  const failure = { domain: "esm", code: 27, name: "MissingOrUnknownApn" } as const;
  const inner = new ModemError("refused", "status 24", { failure });
  const name = "org.ofono.Error.Failed";
  const text = "The operation did not succeed: esm 27 MissingOrUnknownApn";
  t.strictSame(ofono(inner), { name, text });
  t.strictSame(ofono(new ModemError("refused", "connect failed", { cause: inner })), { name, text }, "down the chain");
  const refusal = new DomainRefusal("notAttached", "detached", { cause: inner });
  t.match(ofono(refusal), { name: "org.ofono.Error.NotAttached", text: /: esm 27/ });
});

t.test("errors named by the code keep their name; wwand has a prefix of its own", async (t) => {
  t.match(ofono(new OfonoError("AttachInProgress")), { name: "org.ofono.Error.AttachInProgress", text: /under way/ });
  t.match(ofono(new OfonoError("InvalidFormat", "apn")), { text: /: apn$/ });
  t.match(knownErrorReply(new OfonoError("InUse"), "net.wwand.Error."), { name: "net.wwand.Error.InUse" });
  const unknown = "org.freedesktop.DBus.Error.UnknownProperty";
  t.strictSame(ofono(new BusError(unknown, "no Colour")), { name: unknown, text: "no Colour" });
});

t.test("what nobody foresaw has no reply of its own: its text may hold anything", async (t) => {
  for (const error of [new TypeError("password is undefined"), "text", undefined, { code: "timeout" }])
    t.equal(ofono(error), undefined);
});
