import type { DsarBuilt, DsarDraft, DsarDraftView, DsarRequest, RequestView, SubjectCard } from "../../api/generated/commands";

/** The steps of a request as the page shows them. */
export type Step = "identity" | "subject" | "review" | "deed" | "answer";

/** What an officer has chosen and not used yet. It is kept with the request. */
export interface Draft {
  /** Ids of the cards; null as long as those hold that are theirs for certain. */
  cards: string[] | null;
  /** Cards that were found by something else than the request says. */
  added: SubjectCard[];
  /** Keys of third persons who may stand in the answer, and of those who are left out. */
  keep: string[];
  mask: string[];
  /** Internal notes and shared files that are given out. */
  notes: string[];
  files: string[];
  staffNames: boolean;
  /** The answer that was built from it. */
  built: DsarBuilt | null;
}

/** What becomes of what is chosen by then. */
export type Redraft = (draft: Draft) => Draft;

export const NO_DRAFT: Draft = { cards: null, added: [], keep: [], mask: [], notes: [], files: [], staffNames: false, built: null };

/** As it was kept. */
export const draftOf = ({ chosen: { internalNotes: notes, sharedFiles: files, ...chosen }, added, built }: DsarDraftView): Draft => ({ ...chosen, notes, files, added, built });

/** With something else chosen: the answer that was built before is not the answer to that. */
export const chose = (draft: Draft, change: Partial<Omit<Draft, "built">>): Draft => ({ ...draft, ...change, built: null });

/** An answer that was built stands only beside the choices it was built from. */
export const withBuilt = (now: Draft, from: Draft, built: DsarBuilt): Draft => (JSON.stringify(keptOf(now)) === JSON.stringify(keptOf(from)) ? { ...now, built } : now);

/** As it is kept. What was built the engine writes down itself. */
export const keptOf = ({ cards, keep, mask, notes, files, staffNames }: Draft): DsarDraft => ({ cards, keep, mask, internalNotes: notes, sharedFiles: files, staffNames });

/** Where a request stands among its steps. */
export function stepAt({ stages, state }: Pick<RequestView, "stages" | "state">): Step {
  switch (state) {
    case "received":
      return "identity";
    case "identity_ok":
      return "subject";
    case "approved":
      return stages.includes("deed") ? "deed" : "answer";
    case "refused":
    case "done":
    case "done_with_exceptions":
    case "withdrawn":
      return "answer";
  }
}

/** Whether nothing was done: the person took it back, or it was refused. */
const isUndone = (state: RequestView["state"]) => state === "refused" || state === "withdrawn";

/** Whether a step lies behind a request. */
export function isPassed(step: Step, request: Pick<RequestView, "stages" | "state" | "identityHow">): boolean {
  if (isUndone(request.state)) return step === "identity" && request.identityHow !== null;
  return request.stages.indexOf(step) < request.stages.indexOf(stepAt(request));
}

/** Whether a step can be looked at. What is to be done waits for the decision. */
export const mayOpen = (step: Step, { state }: Pick<RequestView, "state">) => step !== "deed" || ["approved", "done", "done_with_exceptions"].includes(state);

/** The cards that are meant: those that were chosen, else those that are the person's for certain. */
export function chosenOf(draft: Draft, found: SubjectCard[]): string[] {
  return draft.cards ?? found.filter(({ isSure }) => isSure).map(({ id }) => id);
}

/** The cards that are meant: those that were chosen; after an approval those that were frozen by it, and what was chosen of the history. */
export function meantOf({ mayChoose, state }: Pick<RequestView, "mayChoose" | "state">, frozen: string[], draft: Draft, found: SubjectCard[]): string[] {
  const chosen = chosenOf(draft, found);
  if (mayChoose || state !== "approved") return chosen;
  const gone = [...found, ...draft.added].filter(({ id, isGone }) => isGone && chosen.includes(id)).map(({ id }) => id);
  return [...new Set([...frozen, ...gone])];
}

/** Cards that a request can mean: what is gone cannot be restricted, only told of or erased. */
export const fitting = (right: RequestView["right"], found: SubjectCard[]) => (right === "restriction" || right === "objection" ? found.filter(({ isGone }) => !isGone) : found);

/** What is asked of the engine, without what was decided about third persons: who they are does not depend on it. */
export function askedOf(request: RequestView, draft: Draft, cards: string[]): DsarRequest {
  return {
    reference: request.id,
    identifier: request.subject,
    cards,
    language: request.language,
    keep: [],
    mask: [],
    internalNotes: draft.notes,
    sharedFiles: draft.files,
    staffNames: draft.staffNames,
  };
}

/** Codes of countries as they were typed: `es, FR`. */
export const codesOf = (typed: string) => [...new Set(typed.toUpperCase().split(/[\s,;]+/).filter(Boolean))];

/** A list with something taken in or out. */
export const toggled = (list: string[], one: string) => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one]);

/** A decision about a third person: `keep` or `mask`. */
export function decided(draft: Draft, key: string, decision: "keep" | "mask"): Draft {
  const without = (list: string[]) => list.filter((one) => one !== key);
  return { ...draft, built: null, keep: without(draft.keep), mask: without(draft.mask), [decision]: [...without(draft[decision]), key] };
}
