import { describe, expect, it } from "vitest";
import { type Group, type Kind, parts, read, readTree, write, writeTree } from "./filter-text";

const kindOf = (field: string): Kind => ({ seen: "time", conversations: "number", source: "choice", tag: "choice" })[field] as Kind ?? "text";

describe("the rows of a filter and its text form", () => {
  it.each([
    ["source:widget,api", { field: "source", op: "is", value: "widget,api" }],
    ["not tag:vip", { field: "tag", op: "not", value: "vip" }],
    ["seen:<30d", { field: "seen", op: "within", value: "30" }],
    ["seen:>90d", { field: "seen", op: "before", value: "90" }],
    ["seen:2026-01-01..2026-02-01", { field: "seen", op: "between", value: "2026-01-01..2026-02-01" }],
    ["conversations:>3", { field: "conversations", op: ">", value: "3" }],
    ["conversations:2..5", { field: "conversations", op: "between", value: "2..5" }],
    ["company:none", { field: "company", op: "none", value: "" }],
    ["name:~Ana", { field: "name", op: "contains", value: "Ana" }],
  ])("%s is one row, and the row is that text", (text, row) => {
    expect(read(text, kindOf)).toEqual(row);
    expect(write(row)).toBe(text);
  });

  it.each([["not company:none", "any"], ["not company:any", "none"]])("%s asks whether there is one", (text, op) => {
    expect(read(text, kindOf)).toEqual({ field: "company", op, value: "" });
  });

  it.each(["(tag:vip or source:api)", "not seen:<30d", "seen:today", "not name:~Ana"])("%s is more than a row can show", (text) => {
    expect(read(text, kindOf)).toBeNull();
  });

  it.each(["a b", "none", "x..y", 'say "hi"', "back\\slash", "(round)", "a:b"])("the value %s survives being written and read", (value) => {
    const text = write({ field: "name", op: "contains", value });
    expect(parts(text)).toEqual([text]);
    expect(read(text, kindOf)).toEqual({ field: "name", op: "contains", value });
  });

  it("a word with a comma stays one word", () => {
    const row = { field: "company", op: "is", value: '"Solvento, S.L.",Acme' };
    expect(read('company:"Solvento, S.L.",Acme', kindOf)).toEqual(row);
    expect(write(row)).toBe('company:"Solvento, S.L.",Acme');
  });

  it("a row without its value says nothing", () => {
    expect(write({ field: "name", op: "contains", value: "  " })).toBe("");
    expect(write({ field: "seen", op: "within", value: "soon" })).toBe("");
    expect(write({ field: "seen", op: "between", value: "2026-01-01.." })).toBe("");
  });

  it("conditions side by side are cut, groups and quotes are not", () => {
    expect(parts('source:api not tag:vip (stage:lead or tag:"a b") name:~"x y"')).toEqual([
      "source:api", "not tag:vip", '(stage:lead or tag:"a b")', 'name:~"x y"',
    ]);
  });
});

describe("a filter as a tree of groups", () => {
  const row = (field: string, value: string) => ({ field, op: "is", value });
  it.each([
    ["source:api tag:vip", { join: "all", items: [row("source", "api"), row("tag", "vip")] }],
    ["(source:api or tag:vip)", { join: "any", items: [row("source", "api"), row("tag", "vip")] }],
    ["not (source:api or tag:vip)", { join: "none", items: [row("source", "api"), row("tag", "vip")] }],
    ["source:api (tag:vip or (tag:lead source:web))", { join: "all", items: [row("source", "api"), { join: "any", items: [row("tag", "vip"), { join: "all", items: [row("tag", "lead"), row("source", "web")] }] }] }],
    ["source:api not (tag:vip or tag:lead)", { join: "all", items: [row("source", "api"), { join: "none", items: [row("tag", "vip"), row("tag", "lead")] }] }],
    ["source:api not seen:<30d", { join: "all", items: [row("source", "api"), "not seen:<30d"] }],
  ])("%s is a tree, and the tree is that text", (text, tree) => {
    expect(readTree(text, kindOf)).toEqual(tree);
    expect(writeTree(tree as Group)).toBe(text);
  });

  it("rows without a value and empty groups say nothing yet", () => {
    expect(writeTree({ join: "all", items: [row("tag", ""), { join: "any", items: [] }, row("tag", "vip")] })).toBe("tag:vip");
  });

  it("not all of several conditions stays a text: no group says it", () => {
    expect(readTree("tag:x not (tag:vip source:api)", kindOf).items[1]).toBe("not (tag:vip source:api)");
  });
});
