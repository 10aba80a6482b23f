import { i18n } from "@lingui/core";
import type { Said } from "../api/generated/commands";
import { SENTENCES } from "../api/generated/sentences";
import "./signs";
import { fieldLabel, wholeOf } from "./words";

/** A sentence of the engine, in the language of the page. Words of other programs are in no catalogue. */
export function worded({ template, arguments: given }: Said): string {
  const values = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, typeof value === "object" ? worded(value) : value]));
  const known = Object.hasOwn(SENTENCES, template) ? SENTENCES[template] : undefined;
  return known?.id ? i18n._(known.id, values) : template.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Under these names fields stand in sentences about connections, by their keys. */
const FIELDS = ["sent", "received", "fields", "unit"];

/** A sentence about a connection, with the words of the fields in it. Which is the first of several goes with them, and is no value by itself. */
export function fieldsWorded({ template, arguments: given }: Said): string {
  const own = (keys: string[]) => { const left = keys.filter((key) => !wholeOf(key)); return left.length > 0 ? left : keys; };
  const words = (keys: string) => own(keys.split(", ")).map((key) => fieldLabel(key).replace(/^./u, (c) => c.toLocaleLowerCase())).join(", ");
  return worded({ template, arguments: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, FIELDS.includes(name) && typeof value === "string" ? words(value) : value])) });
}

/** Words of the engine that are names at the same time: of its recipes, rules to begin with, kinds of files. */
export const named = (name: string) => worded({ template: name, arguments: {} });
