import { describe, expect, it } from "vitest";
import type { DsarBuilt, RequestView, SubjectCard } from "../../api/generated/commands";
import { chose, chosenOf, codesOf, decided, draftOf, fitting, isPassed, keptOf, mayOpen, meantOf, NO_DRAFT, type Step, stepAt, toggled, withBuilt } from "./flow";

const card = (id: string, isSure: boolean): SubjectCard => ({ id, name: id, email: "", why: { template: "", arguments: {} }, isSure, isGone: false });
/** As the engine says it: what holds once it is approved has no deed, and cards are chosen until they are frozen. */
const at = (right: RequestView["right"], state: RequestView["state"], identityHow: RequestView["identityHow"] = { template: "Was signed in", arguments: {} }) => {
  const stages: Step[] = right === "restriction" || right === "objection" ? ["identity", "subject", "review", "answer"] : ["identity", "subject", "review", "deed", "answer"];
  return { stages, state, identityHow, mayChoose: state === "received" || state === "identity_ok" || (state === "approved" && right === "access") };
};

describe("where a request stands", () => {
  it.each([
    ["access", "received", "identity"],
    ["access", "identity_ok", "subject"],
    ["access", "approved", "deed"],
    ["objection", "approved", "answer"],
    ["restriction", "approved", "answer"],
    ["erasure", "done_with_exceptions", "answer"],
    ["erasure", "refused", "answer"],
  ] as const)("%s, %s: %s", (right, state, step) => expect(stepAt(at(right, state))).toBe(step));

  it("steps lie behind it up to where it stands", () => expect(at("access", "approved").stages.filter((step) => isPassed(step, at("access", "approved")))).toEqual(["identity", "subject", "review"]));

  it("of what was refused only the check of who asks was done, and that only if it was", () => {
    expect(at("erasure", "refused").stages.filter((step) => isPassed(step, at("erasure", "refused")))).toEqual(["identity"]);
    expect(isPassed("identity", at("erasure", "refused", null))).toBe(false);
  });

  it.each([["received", false], ["identity_ok", false], ["approved", true], ["refused", false], ["done", true]] as const)("%s: whether it can be done: %s", (state, may) => expect(mayOpen("deed", { state })).toBe(may));
});

describe("what was chosen", () => {
  it("is what is certain until somebody chooses, also nothing", () => {
    const found = [card("a", true), card("b", false)];
    expect(chosenOf(NO_DRAFT, found)).toEqual(["a"]);
    expect(chosenOf({ ...NO_DRAFT, cards: [] }, found)).toEqual([]);
    expect(chosenOf({ ...NO_DRAFT, cards: ["b"] }, found)).toEqual(["b"]);
  });

  it("is what was frozen once it is approved, and what only the history knows", () => {
    const found = [card("a", true), card("new", true), { ...card("gone", true), isGone: true }];
    expect(meantOf(at("erasure", "identity_ok"), ["a"], NO_DRAFT, found)).toEqual(["a", "new", "gone"]);
    expect(meantOf(at("erasure", "approved"), ["a"], NO_DRAFT, found)).toEqual(["a", "gone"]);
    expect(meantOf(at("access", "approved"), ["a"], NO_DRAFT, found)).toEqual(["a", "new", "gone"]);
    expect(fitting("objection", found).map(({ id }) => id)).toEqual(["a", "new"]);
  });

  it("a decision about somebody takes the place of the one before", () => {
    const first = decided(NO_DRAFT, "card:1", "keep");
    expect([first.keep, first.mask]).toEqual([["card:1"], []]);
    const second = decided(first, "card:1", "mask");
    expect([second.keep, second.mask]).toEqual([[], ["card:1"]]);
  });

  it("is kept and comes back", () => {
    const draft = { ...NO_DRAFT, cards: ["a"], notes: ["n"], files: ["f"], mask: ["card:1"], staffNames: true };
    expect(draftOf({ chosen: keptOf(draft), added: draft.added, built: null })).toEqual(draft);
  });

  it("takes away the answer that was built before, and keeps one that was built from it", () => {
    const built: DsarBuilt = { file: "/a.zip", reference: "req_1", bytes: 1, sha256: "", files: 1, exported: 1, withheld: 0, masked: 0, undecided: 0, key: "", fingerprint: "", isUnreviewed: false, isEncrypted: false };
    const first = { ...NO_DRAFT, notes: ["n"] };
    expect(withBuilt(first, first, built).built).toEqual(built);
    expect(withBuilt(chose(first, { notes: [] }), first, built).built).toBeNull();
    expect(chose({ ...first, built }, { staffNames: true }).built).toBeNull();
    expect(decided({ ...first, built }, "card:1", "mask").built).toBeNull();
  });

  it("is taken in and out", () => expect([toggled([], "a"), toggled(["a", "b"], "a")]).toEqual([["a"], ["b"]]));
});

it("codes of countries are taken however they are typed", () => expect([codesOf(" es, FR;de\nES "), codesOf(" ")]).toEqual([["ES", "FR", "DE"], []]));
