import { i18n, type MessageOptions } from "@lingui/core";

/** What stands in sentences, by name. */
type Values = Record<string, unknown>;

/**
 * Lingui looks for signs written as `\x41` or `\u0041` in the finished sentence, where a path or a
 * note of a person may hold the same letters. As such a sign a backslash comes out as itself, and
 * what follows it is looked at no more.
 */
function whole(values: Values | undefined): Values | undefined {
  return values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? value.replaceAll("\\", "\\x5c") : value]));
}

const write = i18n._.bind(i18n);

i18n._ = (said: string | { id: string; message?: string; values?: Values }, values?: Values, options?: MessageOptions) =>
  typeof said === "string" ? write(said, whole(values), options) : write(said.id, whole(said.values ?? values), said);
