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
