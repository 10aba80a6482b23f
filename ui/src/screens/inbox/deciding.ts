import type { Conflict, DecisionView, Held } from "../../api/generated/commands";

/** Whose value it is to be on both sides, or another one. */
export type Choice = { kind: "mine" } | { kind: "theirs" } | { kind: "edit"; text: string };
export type Side = "mine" | "theirs";
/** What becomes of a deletion that meets an edit, or of a record that may be another person's. */
export type Fate = "keep" | "delete" | "relink" | "apart";

/** By this the list knows a conflict. */
export const keyOfConflict = ({ pair }: Conflict) => `conflict-${pair}`;

/** What a person saw of a conflict: when it says something else, what they chose is theirs no more. */
export const seenOf = ({ pair, deleted, fields, relink }: Conflict) => JSON.stringify([pair, deleted, fields.map(({ field, mine, theirs }) => [field, mine, theirs]), relink && [relink.from, relink.to]]);

/** The two ways of what is decided as a whole, by the keys 1 and 2. */
export const waysOf = ({ kind }: Conflict): [Fate, Fate] => (kind === "relink" ? ["relink", "apart"] : ["keep", "delete"]);

/** Whether a way can be gone: an ID that another contact has is given to no second one. */
export const isOpenTo = ({ relink }: Conflict, fate: Fate) => fate !== "relink" || !relink || relink.takenBy === null;

/** What both sides will hold. */
export const resultOf = (held: Held, choice: Choice) => (choice.kind === "mine" ? held.mine : choice.kind === "theirs" ? held.theirs : choice.text.trim());

/** Which sides get another value by it. */
export function changesOf(held: Held, choice: Choice): { here: boolean; there: boolean } {
  const result = resultOf(held, choice);
  return { here: result !== held.mine, there: result !== held.theirs };
}

export const decisionOf = ({ pair }: Conflict, field: string, choice: Choice): DecisionView => ({ pair, field, choice: choice.kind, text: choice.kind === "edit" ? choice.text.trim() : "" });

export const fateDecision = ({ pair }: Conflict, fate: Fate): DecisionView => ({ pair, field: null, choice: fate, text: "" });

/** Who deleted it stands by the deletion; the other side by the edit. */
export const fateOf = ({ deleted }: Conflict, side: Side): Fate => ((deleted === "here") === (side === "mine") ? "delete" : "keep");

/** Everything of some conflicts to one side. A deletion goes before the fields: they wait until it is decided. Whose a record is is of no side. */
export const allTo = (conflicts: Conflict[], side: Side): DecisionView[] =>
  conflicts.flatMap((one) => (one.deleted === null ? one.fields.map(({ field }) => decisionOf(one, field, { kind: side })) : [fateDecision(one, fateOf(one, side))]));

/** Whether each of some records is still theirs, all in one way; those that cannot go it are left. */
export const allRelinked = (conflicts: Conflict[], fate: "relink" | "apart"): DecisionView[] =>
  conflicts.filter((one) => one.kind === "relink" && isOpenTo(one, fate)).map((one) => fateDecision(one, fate));

/** How much that is: values, contacts that go to the bin, records that are deleted there, deletions that are taken back. */
export function amountOf(conflicts: Conflict[], side: Side): { values: number; binned: number; deleted: number; kept: number } {
  const deletions = conflicts.filter((one) => one.deleted !== null);
  const going = deletions.filter((one) => fateOf(one, side) === "delete");
  return {
    values: conflicts.reduce((sum, one) => sum + (one.deleted === null ? one.fields.length : 0), 0),
    binned: going.filter((one) => one.deleted === "there").length,
    deleted: going.filter((one) => one.deleted === "here").length,
    kept: deletions.length - going.length,
  };
}

/** The keys from one to the other, in the order of the list, both with them. */
export function rangeOf(keys: string[], from: string | null, to: string): string[] {
  const [start, end] = [from === null ? -1 : keys.indexOf(from), keys.indexOf(to)];
  if (start < 0) return [to];
  return keys.slice(Math.min(start, end), Math.max(start, end) + 1);
}
