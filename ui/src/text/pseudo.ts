import type { Messages } from "@lingui/core";

/**
 * English as a language that does not exist: with accents and a third longer. What has no
 * accent on the screen stands in no catalogue, and what has no room breaks. For tests.
 */
export function pseudo(text: string): string {
  return text.replace(/\p{L}+/gu, (word) => word.replace(/[aeiou]/gi, "$&\u0301") + "·".repeat(Math.ceil(word.length / 3)));
}

/** The same for compiled messages: lists of texts, of `[name]` and `[name, "plural", forms]`. */
export function lengthened(messages: Messages): Messages {
  const long = (part: unknown): unknown => {
    // Elements of a sentence are not words.
    if (typeof part === "string") return part.split(/(<\/?\d+\/?>)/).map((text, at) => (at % 2 ? text : pseudo(text))).join("");
    if (!Array.isArray(part)) return part;
    const [name, kind, forms] = part;
    if (typeof forms !== "object" || forms === null) return part;
    return [name, kind, Object.fromEntries(Object.entries(forms as Record<string, unknown>).map(([form, said]) => [form, form === "offset" ? said : Array.isArray(said) ? said.map(long) : long(said)]))];
  };
  return Object.fromEntries(Object.entries(messages).map(([id, said]) => [id, (Array.isArray(said) ? said.map(long) : long(said)) as Messages[string]]));
}
