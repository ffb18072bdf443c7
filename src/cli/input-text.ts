import { readFileSync } from "node:fs";
import { readText } from "../config/document.js";

const standardInput = 0;

/** @param file `-`: standard input. @throws ConfigError when the file cannot be read */
export const inputText = (file: string): string =>
  file === "-" ? readFileSync(standardInput, "utf8") : readText(file);
