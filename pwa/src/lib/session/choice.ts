/** The chosen item if it is still offered, otherwise the first. */
export function choose<Item>(
  items: readonly Item[],
  key: string | null,
  keyOf: (item: Item) => string,
): Item | undefined {
  return items.find((item) => keyOf(item) === key) ?? items[0];
}
