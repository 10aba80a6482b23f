import { i18n } from "@lingui/core";
import type { Said } from "../api/generated/commands";
import { SENTENCES } from "../api/generated/sentences";

/** A sentence of the engine, in the language of the page. Words of other programs are in no catalogue. */
export function worded({ template, arguments: given }: Said): string {
  const values = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, typeof value === "object" ? worded(value) : value]));
  const known = Object.hasOwn(SENTENCES, template) ? SENTENCES[template] : undefined;
  return known?.id ? i18n._(known.id, values) : template.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Words of the engine that are names at the same time: of its recipes, rules to begin with, kinds of files. */
export const named = (name: string) => worded({ template: name, arguments: {} });
