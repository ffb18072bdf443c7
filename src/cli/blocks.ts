/** Blocks of lines with an empty line between them; nothing of a block that has none. */
export const blocksText = (blocks: readonly (readonly string[])[]): string =>
  blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n");
