/**
 * The process that reads the provider database: parsing takes a hundred milliseconds and more, which a daemon that
 * moves routes does not have. One question, one answer, over the channel of child_process.fork.
 */
import { readFileSync } from "node:fs";
import { errnoOf, errorText } from "../runtime/error.js";
import type { DatabaseQuestion, DatabaseReply } from "./database.js";
import { apnsOf, excerptFor, parseProviders } from "./provider-database.js";
import { mmsBeside, rankInternet } from "./rank.js";

function answer({ file, plmn, serviceProviderName }: DatabaseQuestion): DatabaseReply {
  try {
    const all = apnsOf(parseProviders(excerptFor(readFileSync(file, "utf8"), plmn)), plmn);
    const internet = rankInternet(all, { serviceProviderName });
    const [best] = internet;
    return { is: "answer", internet, mms: best && mmsBeside(best, all) };
  } catch (error) {
    return errnoOf(error) === "ENOENT" ? { is: "absent" } : { is: "failed", reason: errorText(error) };
  }
}

process.once("message", (question: DatabaseQuestion) => {
  process.send?.(answer(question), () => process.disconnect());
});
