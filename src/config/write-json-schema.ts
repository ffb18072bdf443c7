/** `node --import=tsx src/config/write-json-schema.ts`: after a change of a schema. */
import { writeFileSync } from "node:fs";
import { jsonSchemaFiles } from "./json-schema.js";

const folder = new URL("../../policy/", import.meta.url);
for (const [name, text] of Object.entries(jsonSchemaFiles())) writeFileSync(new URL(name, folder), text);
