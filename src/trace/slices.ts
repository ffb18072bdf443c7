/** Long work in short pieces: whoever else has something to do in this process gets a turn in between. */
const itemsPerSlice = 128;

export async function inSlices<Item, Result>(
  items: readonly Item[],
  each: (item: Item) => Result,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const [index, item] of items.entries()) {
    if (index % itemsPerSlice === itemsPerSlice - 1) await new Promise((resolve) => setImmediate(resolve));
    results.push(each(item));
  }
  return results;
}
