import Table from "cli-table3";

const plainBorders = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"]
    .concat(["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"])
    .map((edge) => [edge, edge === "middle" ? "  " : ""]),
);

/** Columns under their headings, without lines: easy to read and to cut. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const printed = new Table({
    head: [...head],
    chars: plainBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) printed.push([...row]);
  return printed
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .join("\n");
}
