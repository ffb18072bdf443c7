/** The schemas in the form that editors read; policy/*.schema.json is what this returns (a test). */
import { toJsonSchema } from "@valibot/to-json-schema";
import { daemonSchema } from "./schema/daemon.js";
import { policySchema } from "./schema/policy.js";

/** File contents by name, as they lie in policy/. */
export function jsonSchemaFiles(): Readonly<Record<string, string>> {
  // What files hold, before it is interpreted; rules that JSON Schema cannot say are left to the loader.
  const options = { typeMode: "input", errorMode: "ignore" } as const;
  const file = (title: string, schema: object) => `${JSON.stringify({ title, ...schema }, null, 2)}\n`;
  return {
    "policy.schema.json": file("wwand failover policy", toJsonSchema(policySchema, options)),
    "wwand.schema.json": file("wwand.toml", toJsonSchema(daemonSchema, options)),
  };
}
