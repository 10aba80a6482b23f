import { describe, expect, it, test } from "vitest";
import type { Conflict, Held, RelinkView } from "../../api/generated/commands";
import { allRelinked, allTo, amountOf, changesOf, decisionOf, fateOf, isOpenTo, rangeOf, resultOf, seenOf, waysOf } from "./deciding";

const held = (field: string, mine: string, theirs: string): Held => ({ field, base: "", mine, mineBy: "", mineAt: "", theirs, editable: true, since: "2026-11-20T09:12:00Z" });
const conflict = (pair: number, fields: Held[], deleted: string | null = null): Conflict => ({ kind: deleted === null ? "values" : "deletion", pair, remote: "rem_1", remoteName: "Radicale", contact: "ctc_1", name: "Ana", deleted, since: "2026-11-20T09:12:00Z", fields, relink: null });
const relink = (pair: number, more: Partial<RelinkView> = {}): Conflict => ({ ...conflict(pair, []), kind: "relink", relink: { how: "renamed", from: "u-1", to: "u-2", name: "Ana", email: "", takenBy: null, ...more } });

const phone = held("phone", "612 408 177", "612 409 177");
const both = conflict(1, [phone, held("job_title", "Lead", "Head")]);
const binned = conflict(2, [], "here");
const gone = conflict(3, [phone], "there");

describe("what a choice makes of a value", () => {
  it.each([
    ["mine goes there", { kind: "mine" }, "612 408 177", { here: false, there: true }],
    ["theirs comes here", { kind: "theirs" }, "612 409 177", { here: true, there: false }],
    ["another one goes to both, without blanks around it", { kind: "edit", text: " 600 000 000 " }, "600 000 000", { here: true, there: true }],
    ["typed like mine, it is mine", { kind: "edit", text: "612 408 177" }, "612 408 177", { here: false, there: true }],
  ] as const)("%s", (_, choice, result, changes) => expect([resultOf(phone, choice), changesOf(phone, choice)]).toEqual([result, changes]));

  it("only another value has a text", () => {
    expect(decisionOf(both, "phone", { kind: "theirs" })).toEqual({ pair: 1, field: "phone", choice: "theirs", text: "" });
    expect(decisionOf(both, "phone", { kind: "edit", text: " 6 " })).toEqual({ pair: 1, field: "phone", choice: "edit", text: "6" });
  });
});

test("who deleted it stands by the deletion", () => {
  expect([fateOf(binned, "mine"), fateOf(binned, "theirs"), fateOf(gone, "mine"), fateOf(gone, "theirs")]).toEqual(["delete", "keep", "keep", "delete"]);
});

test("everything goes to one side, and a deletion waits for no field", () => {
  expect(allTo([both, binned, gone], "mine")).toEqual([
    { pair: 1, field: "phone", choice: "mine", text: "" }, { pair: 1, field: "job_title", choice: "mine", text: "" },
    { pair: 2, field: null, choice: "delete", text: "" }, { pair: 3, field: null, choice: "keep", text: "" },
  ]);
});

test("what would be deleted is counted apart, by where", () => {
  expect(amountOf([both, binned, gone], "mine")).toEqual({ values: 2, binned: 0, deleted: 1, kept: 1 });
  expect(amountOf([both, binned, gone], "theirs")).toEqual({ values: 2, binned: 1, deleted: 0, kept: 1 });
});

test("a range has both its ends, whichever came first", () => {
  const keys = ["a", "b", "c", "d"];
  expect(rangeOf(keys, "b", "d")).toEqual(["b", "c", "d"]);
  expect(rangeOf(keys, "d", "b")).toEqual(["b", "c", "d"]);
  expect(rangeOf(keys, null, "c")).toEqual(["c"]);
  expect(rangeOf(keys, "gone", "c")).toEqual(["c"]);
});

describe("a record that may be another person's", () => {
  it("has two ways of its own, and none of a side", () => {
    expect([waysOf(relink(4)), waysOf(gone)]).toEqual([["relink", "apart"], ["keep", "delete"]]);
    expect(allTo([relink(4), both], "mine").map(({ pair }) => pair)).toEqual([1, 1]);
  });

  it("takes no ID that another contact has", () => {
    const taken = relink(5, { takenBy: "Bo" });
    expect([isOpenTo(taken, "relink"), isOpenTo(taken, "apart"), isOpenTo(gone, "delete")]).toEqual([false, true, true]);
    expect(allRelinked([relink(4), taken, both], "relink")).toEqual([{ pair: 4, field: null, choice: "relink", text: "" }]);
    expect(allRelinked([relink(4), taken], "apart").map(({ pair }) => pair)).toEqual([4, 5]);
  });

  it("is another question under a third ID", () => expect(seenOf(relink(4))).not.toBe(seenOf(relink(4, { to: "u-3" }))));
});

test("a value that moved is another conflict to the person who chose", () => {
  expect(seenOf(both)).toBe(seenOf({ ...both, name: "Ana Ruiz" }));
  expect(seenOf(both)).not.toBe(seenOf({ ...both, fields: [held("phone", "612 408 177", "1"), held("job_title", "Lead", "Head")] }));
});
