/** What must not compile: each expectation below fails the type check, which the test command runs, once it compiles. */
import t from "tap";
import { bindOfono, type Exported } from "../../src/dbus/bind.js";
import { bindStandard } from "../../src/dbus/standard.js";

const text = { get: () => "x" };
const operator = {
  Name: text,
  Status: text,
  MobileCountryCode: text,
  MobileNetworkCode: text,
  AdditionalInformation: text,
};
const words = { get: () => ["lte"] };
const { to } = bindOfono("org.ofono.NetworkOperator");
const methods = { Register: () => undefined };
const complete = { properties: { ...operator, Technologies: words }, methods };

t.test("a table that differs from the XML compiles as little as it starts", async (t) => {
  t.doesNotThrow(() => to<unknown, unknown>(complete));
  // @ts-expect-error Technologies is missing
  t.throws(() => to<unknown, unknown>({ properties: operator, methods }));
  // @ts-expect-error the XML has no Colour
  t.throws(() => to<unknown, unknown>({ properties: { ...operator, Technologies: words, Colour: text }, methods }));
  // @ts-expect-error the XML has no Deregister
  t.throws(() => to<unknown, unknown>({ ...complete, methods: { ...methods, Deregister: () => undefined } }));
  const { Name: _, ...others } = complete.properties;
  // @ts-expect-error Name is read-only
  t.throws(() => to<unknown, unknown>({ properties: { ...others, Name: { ...text, set: () => 1 } }, methods }));
  // @ts-expect-error there is no such interface
  t.throws(() => bindOfono("org.ofono.Toaster").to<unknown, unknown>(complete));
});

t.test("types of values, arguments and results are those of the XML", async (t) => {
  // @ts-expect-error Technologies is an array of strings
  t.ok(to<unknown, unknown>({ properties: { ...operator, Technologies: text }, methods }));
  const why = bindStandard("net.wwand.Daemon1").to<unknown>;
  const properties = {
    Version: text,
    PolicyFiles: words,
    PolicyFolders: words,
    PolicyGeneration: text,
    PolicyError: text,
    Resolver: text,
    ResolverBecause: text,
    ResolverStub: text,
  };
  const WhyPacket = () => ({});
  t.ok(why({ properties, methods: { Why: (_, [destination]) => [destination.toUpperCase()], WhyPacket } }));
  // @ts-expect-error Why returns lines
  t.ok(why({ properties, methods: { Why: () => "because", WhyPacket } }));
  const emit = (context: Exported<"org.ofono.ConnectionManager", unknown>) => {
    context.emit("ContextRemoved", "/modem0/context1");
    // @ts-expect-error the path is missing
    context.emit("ContextRemoved");
    // @ts-expect-error no such signal
    context.emit("ContextMoved", "/modem0/context1");
  };
  t.type(emit, "function");
});
