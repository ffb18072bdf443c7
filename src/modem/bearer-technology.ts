/** oFono's names of what carries packets. */
import type { BearerTechnology } from "./api.js";
import type { Technology } from "./types.js";

const names: Readonly<Record<Technology, BearerTechnology>> = {
  gsm: "gprs",
  edge: "edge",
  umts: "umts",
  hspa: "hspa",
  lte: "lte",
  // oFono's interface knows nothing above LTE, and its clients reject what they do not know.
  nr: "lte",
};

export const bearerTechnology = (technology: Technology | undefined): BearerTechnology =>
  technology === undefined ? "none" : names[technology];
