/** What a field says, line by line: one for each item of a list, none when it is empty. */
export function linesOf(value: unknown): string[] {
  if (value === null || value === undefined || value === "") return [];
  if (Array.isArray(value)) return value.flatMap(linesOf);
  if (typeof value !== "object") return String(value).split("\n");
  const { value: text, label, connector, external_id } = value as Record<string, unknown>;
  if (typeof external_id === "string") return [`${String(connector)}: ${external_id}`];
  if (typeof text === "string") return [label ? `${text} (${String(label)})` : text];
  return [JSON.stringify(value)];
}

/** A text in three: what it begins with like the other, what differs, what it ends with like the other. */
export function differing(text: string, other: string): [string, string, string] {
  const [mine, theirs] = [[...text], [...other]];
  let start = 0;
  while (start < mine.length && start < theirs.length && mine[start] === theirs[start]) start++;
  let end = 0;
  while (end < mine.length - start && end < theirs.length - start && mine[mine.length - 1 - end] === theirs[theirs.length - 1 - end]) end++;
  const cut = mine.length - end;
  return [mine.slice(0, start).join(""), mine.slice(start, cut).join(""), mine.slice(cut).join("")];
}
