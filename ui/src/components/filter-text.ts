import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

/** Conditions of a filter's text form, as far as a form of rows can show them. */

export type Kind = "text" | "choice" | "number" | "time";
export interface Condition {
  field: string;
  op: string;
  value: string;
}

/** What a field can be asked, by the shape of its values. */
export const OPS: Record<Kind, [string, MessageDescriptor][]> = {
  text: [["contains", msg`contains`], ["is", msg`is`], ["none", msg`is empty`], ["any", msg`is not empty`]],
  choice: [["is", msg`is any of`], ["not", msg`is none of`], ["none", msg`is empty`], ["any", msg`is not empty`]],
  number: [[">", msg`is above`], ["<", msg`is below`], ["is", msg`is`], ["between", msg`is between`]],
  time: [["within", msg`in the last … days`], ["before", msg`not in the last … days`], ["between", msg`between days`], ["none", msg`is unknown`], ["any", msg`is known`]],
};

const plain = /^[^\s,()"<>=~]+$/;
const words = new Set(["none", "any", "today", "or", "not"]);
const quote = (word: string) => (plain.test(word) && !words.has(word) && !word.includes("..") ? word : `"${word.replace(/["\\]/g, "\\$&")}"`);
/** The words of a list; one in quotes may hold a comma. */
const listOf = (value: string) => (value.match(/"(?:[^"\\]|\\.)*"|[^,]+/gs) ?? []).map((word) => unquote(word.trim())).filter(Boolean);
/** A list as a person types it: only words with a comma stand in quotes. */
const typedList = (text: string) => (text.match(/"(?:[^"\\]|\\.)*"|[^,]+/gs) ?? []).map((word) => { const bare = unquote(word); return bare.includes(",") ? `"${bare.replace(/["\\]/g, "\\$&")}"` : bare; }).join(",");

/** The text form of one condition; nothing while its value is missing. */
export function write({ field, op, value }: Condition): string {
  if (op === "none" || op === "any") return `${field}:${op}`;
  const value_ = value.trim();
  if (value_ === "") return "";
  switch (op) {
    case "contains":
      return `${field}:~${quote(value_)}`;
    case "is":
      return `${field}:${listOf(value_).map(quote).join(",")}`;
    case "not":
      return `not ${field}:${listOf(value_).map(quote).join(",")}`;
    case "within":
      return /^\d+$/.test(value_) ? `${field}:<${value_}d` : "";
    case "before":
      return /^\d+$/.test(value_) ? `${field}:>${value_}d` : "";
    case "between": {
      const [from, to] = value_.split("..");
      return from && to ? `${field}:${from}..${to}` : "";
    }
    default:
      return `${field}:${op}${value_}`;
  }
}

/** Cuts a filter into its parts: what stands side by side at the top. */
export function parts(text: string): string[] {
  const found: string[] = [];
  let [part, depth, inQuote] = ["", 0, false];
  for (let at = 0; at < text.length; at++) {
    const c = text[at] as string;
    if (inQuote && c === "\\") {
      part += c + (text[++at] ?? "");
      continue;
    }
    if (c === '"') inQuote = !inQuote;
    if (!inQuote && c === "(") depth++;
    if (!inQuote && c === ")") depth--;
    if (c === " " && depth === 0 && !inQuote) {
      // "not" belongs to what follows it.
      if (part === "not") part += c;
      else if (part) {
        found.push(part);
        part = "";
      }
    } else part += c;
  }
  if (part.trim()) found.push(part);
  return found;
}

/** Reads one part as a condition; null when it is more than a row can show. */
export function read(part: string, kindOf: (field: string) => Kind): Condition | null {
  const negated = part.startsWith("not ");
  const match = /^([^\s:()]+):(.+)$/s.exec(negated ? part.slice(4) : part);
  if (!match) return null;
  const [field, rest] = [match[1] as string, match[2] as string];
  const kind = kindOf(field);
  if (rest === "none" || rest === "any") return { field, op: negated === (rest === "none") ? "any" : "none", value: "" };
  if (kind === "time") {
    const days = /^([<>])(\d+)d$/.exec(rest);
    if (days && !negated) return { field, op: days[1] === "<" ? "within" : "before", value: days[2] as string };
    return rest.includes("..") && !negated ? { field, op: "between", value: rest } : null;
  }
  if (kind === "number" && !negated) {
    const above = /^>=(\d+)$/.exec(rest);
    const below = /^<=(\d+)$/.exec(rest);
    if (above) return { field, op: ">", value: String(Number(above[1]) - 1) };
    if (below) return { field, op: "<", value: String(Number(below[1]) + 1) };
    if (rest.includes("..")) return { field, op: "between", value: rest };
    const sign = /^([<>])(\d+)$/.exec(rest);
    return sign ? { field, op: sign[1] as string, value: sign[2] as string } : { field, op: "is", value: rest };
  }
  if (rest.startsWith("~")) return negated ? null : { field, op: "contains", value: unquote(rest.slice(1)) };
  return { field, op: negated ? "not" : "is", value: typedList(rest) };
}

function unquote(text: string): string {
  return text.replace(/"((?:[^"\\]|\\.)*)"/gs, (_, inner: string) => inner.replace(/\\(.)/gs, "$1"));
}

/** Conditions and groups that stand together. */
export interface Group {
  join: Join;
  items: Item[];
}
export type Join = "all" | "any" | "none";
/** A text is what no row can show. */
export type Item = Condition | Group | string;

export const isGroup = (item: Item): item is Group => typeof item !== "string" && "join" in item;

/** Reads a filter as a tree; what stands side by side at the top is one group. */
export function readTree(text: string, kindOf: (field: string) => Kind): Group {
  const all = parts(text.trim());
  const only = all.length === 1 ? readGroup(all[0] as string, kindOf) : null;
  return only ?? { join: "all", items: all.map((part) => readItem(part, kindOf)) };
}

const readItem = (part: string, kindOf: (field: string) => Kind): Item => readGroup(part, kindOf) ?? read(part, kindOf) ?? part;

function readGroup(part: string, kindOf: (field: string) => Kind): Group | null {
  const match = /^(not )?\((.*)\)$/s.exec(part);
  if (!match) return null;
  const options = choices(parts(match[2] as string));
  const items = options.map((option) => {
    const one = option.length === 1 ? option[0] : undefined;
    return one !== undefined ? readItem(one, kindOf) : { join: "all" as const, items: option.map((inner) => readItem(inner, kindOf)) };
  });
  // One choice of several conditions: all of them, or not all of them, which no group says.
  if (options.length === 1 && (options[0]?.length ?? 0) > 1) return match[1] ? null : (items[0] as Group);
  return { join: match[1] ? "none" : "any", items };
}

/** Cuts parts at their `or`s. */
function choices(all: string[]): string[][] {
  const found: string[][] = [[]];
  for (const part of all) {
    if (part === "or") found.push([]);
    else found.at(-1)?.push(part);
  }
  return found;
}

/** The text form of a tree; rows without a value and empty groups say nothing. */
export function writeTree(group: Group): string {
  const texts = group.items.map(writeItem).filter(Boolean);
  if (texts.length === 0) return "";
  if (group.join === "all") return texts.join(" ");
  return group.join === "none" ? `not (${texts.join(" or ")})` : texts.length === 1 ? (texts[0] as string) : `(${texts.join(" or ")})`;
}

/** The text of one item as it stands inside a group. */
export function writeItem(item: Item): string {
  if (typeof item === "string") return item;
  if (!isGroup(item)) return write(item);
  const text = writeTree(item);
  return item.join === "all" && parts(text).length > 1 ? `(${text})` : text;
}
