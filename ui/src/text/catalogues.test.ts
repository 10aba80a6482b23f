import { type ParseResult, parse } from "@babel/parser";
import { getCatalogs } from "@lingui/cli/api";
import { getConfig } from "@lingui/conf";
import { describe, expect, it } from "vitest";
import english from "./en.po?raw";
import spanish from "./es.po?raw";

/** Source files of the pages, without tests and what is generated. */
const SOURCES: Record<string, string> = import.meta.glob(["../**/*.tsx", "../**/*.ts", "!../**/*.test.*", "!../api/generated/*"], { eager: true, query: "?raw", import: "default" });

/** Attributes whose text a person reads or hears. */
const READ = /^(title|alt|placeholder|label|aria-label|aria-description|aria-roledescription|aria-valuetext)$/;
/** Words that are the same in every language: names of formats and programs, keys, units, examples. */
const SAME = /^(CSV|Excel|Parquet|vCard 4|NDJSON|JSON|XLSX|Cardfile|Ctrl|Shift|Enter|Esc|Tab|Alt|Backspace|VIP|C|Z|[a-z]{1,3}|[A-Z]{1,3})$/;

/** Examples of data, and jobs of the engine, which are called by their English words. */
const DATA = new Set(["Marta Ruiz", "Ana Ruiz ana@x.example +34 612 408 177", "source:widget,api seen:<30d (stage:qualified or tag:vip)", "Looking for duplicates"]);

type Node = { type: string; loc?: { start: { line: number } } & Record<string, unknown> } & Record<string, unknown>;

/** Texts of a file that people would read and that no macro takes. */
function outside(source: string): string[] {
  const found: string[] = [];
  const words = (text: string) => /\p{L}{2,}/u.test(text) && !SAME.test(text.trim());
  const see = (node: Node, inMacro: boolean) => {
    if (node.type === "ImportDeclaration" || node.type.startsWith("TS")) return;
    const name = node.type === "JSXElement" ? ((node.openingElement as Node).name as Node).name : undefined;
    const taken = inMacro || name === "Trans" || isMacro(node);
    if (!taken) {
      const line = node.loc?.start.line ?? 0;
      if (node.type === "JSXText" && words(node.value as string)) found.push(`${line}: ${(node.value as string).trim()}`);
      const value = node.value as Node | null;
      if (node.type === "JSXAttribute" && READ.test(String((node.name as Node).name)) && value?.type === "StringLiteral" && words(value.value as string)) found.push(`${line}: ${value.value}`);
      // A sentence: it begins with a capital and goes on.
      if (node.type === "StringLiteral" && /^\p{Lu}\p{Ll}+ \p{L}/u.test(node.value as string)) found.push(`${line}: ${node.value}`);
      if (node.type === "TemplateElement" && /(^|\s)\p{Ll}{3,} \p{Ll}{2,}/u.test((node.value as unknown as { cooked: string }).cooked)) found.push(`${line}: ${(node.value as unknown as { cooked: string }).cooked}`);
    }
    for (const [key, child] of Object.entries(node)) {
      if (key === "loc" || key === "extra" || (node.type === "JSXAttribute" && key === "value" && !READ.test(String((node.name as Node).name)) && (child as Node | null)?.type === "StringLiteral")) continue;
      // Class names, switches and the like.
      if (node.type === "JSXAttribute" && /^(className|style|key|type|role|id|htmlFor)$/.test(String((node.name as Node).name))) continue;
      for (const one of Array.isArray(child) ? child : [child]) if (one && typeof (one as Node).type === "string") see(one as Node, taken);
    }
  };
  const file: ParseResult = parse(source, { sourceType: "module", plugins: ["typescript", "jsx"] });
  see(file.program as unknown as Node, false);
  return [...new Set(found)].filter((one) => !DATA.has(one.replace(/^\d+: /, "")));
}

function isMacro(node: Node): boolean {
  const called = node.type === "TaggedTemplateExpression" ? (node.tag as Node) : node.type === "CallExpression" ? (node.callee as Node) : null;
  return called !== null && /^(t|msg|plural|select)$/.test(String(called.name));
}

describe("every word is in the catalogues", () => {
  it.each(Object.entries(SOURCES))("%s", (_, source) => expect(outside(source)).toEqual([]));

  it("a text outside is found", () => expect(outside('<p title="Not here">Nor there</p>')).toEqual(["1: Not here", "1: Nor there"]));

  const messages = (catalogue: string) => catalogue.trim().split("\n\n").slice(1).map((entry) => ({ entry, said: /msgstr "(.*)"$/s.exec(entry.replaceAll('"\n"', ""))?.[1] ?? "" }));

  it("Spanish says everything that English says", () => {
    expect(messages(spanish).filter(({ said }) => said === "").map(({ entry }) => entry)).toEqual([]);
    expect(messages(spanish).length).toBe(messages(english).length);
  });

  // A message that no catalogue has would be shown as its key.
  it("the catalogues have exactly what the sources say: make words", async () => {
    const [catalogue] = await getCatalogs(getConfig());
    const said = Object.keys((await catalogue?.collect()) ?? {});
    for (const locale of ["en", "es"]) expect(Object.keys((await catalogue?.read(locale)) ?? {}).sort(), locale).toEqual(said.toSorted());
  }, 60_000);
});
