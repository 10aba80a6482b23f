import { useRef, useState } from "react";
import { host, useAction } from "../../api/cache";
import type { DsarBuild, DsarBuilt, EraseRequest, PurposeParts, RetentionParts } from "../../api/generated/commands";
import { isCommandError, sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { type Draft, keptOf, NO_DRAFT, type Redraft, type Step, withBuilt } from "./flow";
import { inTurn } from "./in-turn";
import type { Page } from "./privacy";

const keep = inTurn((id: string, draft: Draft) => host.call("dsar_draft_put", { id, chosen: keptOf(draft) }));

/** Where somebody is in Privacy. */
export interface Place {
  page: Page;
  /** The request that is open, and the step that was chosen in it. */
  request: string | null;
  step: Step | null;
}

const BEGIN: Place = { page: "requests", request: null, step: null };

/** What was typed and not saved, by the id of what it is; of a new one by nothing. */
export interface Typed<T> {
  drafts: Record<string, T>;
  /** Null when it is as it is kept, or given up. */
  put(id: string, draft: T | null): void;
}

function useTyped<T>(): Typed<T> & { forget(): void } {
  const [drafts, setDrafts] = useState<Record<string, T>>({});
  const put = (id: string, draft: T | null) => setDrafts(({ [id]: _, ...others }) => (draft ? { ...others, [id]: draft } : others));
  return { drafts, put, forget: () => setDrafts({}) };
}

/**
 * Where somebody is in Privacy, what they chose or typed and have not used yet, and the long deed
 * that runs. The frame keeps it: whoever goes to another place finds it as it was, no deed is begun
 * twice, and what went wrong meanwhile is said.
 */
export function useCourse() {
  const [place, setPlace] = useState(BEGIN);
  const [drafts, setDrafts] = useState<Record<string, Draft>>({});
  const purposes = useTyped<PurposeParts>();
  const rules = useTyped<RetentionParts>();
  const [busy, setBusy] = useState<string | null>(null);
  const [failures, setFailures] = useState<Record<string, unknown>>({});
  /** The same without waiting for the page to be drawn: what ends late begins from what is chosen by then. */
  const latest = useRef(drafts);
  const running = useRef(false);
  const erasing = useAction("erasure_run");
  const building = useAction("dsar_build");
  const toast = useToast();
  const choose = (id: string, begin: Draft, change: Redraft) => {
    const draft = change(latest.current[id] ?? begin);
    latest.current = { ...latest.current, [id]: draft };
    setDrafts(latest.current);
    // Of who was erased nothing is kept.
    if (draft !== NO_DRAFT) keep(id, draft).catch((error) => toast(sentence(error)));
  };
  /** What may name people leaves the memory when the workspace locks; of requests the engine keeps it. */
  const lock = () => {
    latest.current = {};
    setDrafts({});
    purposes.forget();
    rules.forget();
  };
  const forget = (id: string) => setFailures(({ [id]: _, ...others }) => others);
  /** Whether a deed may begin now; then it has begun. */
  const begins = (id: string) => {
    if (running.current) return false;
    running.current = true;
    setBusy(id);
    forget(id);
    return true;
  };
  const ends = <T>(id: string, onDone: (answer: T) => void) => {
    const end = () => {
      running.current = false;
      setBusy(null);
    };
    return {
      onSuccess: (answer: T) => { end(); onDone(answer); },
      onError: (error: unknown) => { end(); if (!(isCommandError(error) && error.code === "cancelled")) setFailures((all) => ({ ...all, [id]: error })); },
    };
  };
  return {
    place,
    go: setPlace,
    /** Another workspace begins at its requests. */
    begin: () => {
      setPlace(BEGIN);
      lock();
    },
    lock,
    drafts,
    choose,
    purposes,
    rules,
    /** The request for which a deed runs, and what went wrong last, by request. */
    busy,
    failures,
    forget,
    // What was chosen names the person; it goes with them.
    erase: (id: string, wanted: EraseRequest) => begins(id) && erasing.mutate(wanted, ends(id, () => choose(id, NO_DRAFT, () => NO_DRAFT))),
    build: (id: string, wanted: DsarBuild, from: Draft) => begins(id) && building.mutate(wanted, ends(id, (built: DsarBuilt) => choose(id, from, (now) => withBuilt(now, from, built)))),
  };
}

export type Course = ReturnType<typeof useCourse>;
