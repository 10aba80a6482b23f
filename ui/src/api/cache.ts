import { type Query, QueryClient, type QueryKey, useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Commands, Event, Tag } from "./generated/commands";
import type { CommandName } from "./host";
import { host } from "./host.tauri";

/** Which answers each kind of staleness makes old. The rest is read once. */
const PROVIDES: Partial<Record<CommandName, Tag[]>> = {
  session_get: ["workspace"],
  workspace_list: ["workspace"],
  view_open: ["contacts"],
  contact_get: ["contacts", "parts"],
  part_list: ["parts", "contacts"],
  grant_list: ["parts", "contacts"],
  permission_list: ["parts"],
  space_list: ["parts"],
  text_search: ["parts", "contacts"],
  visitor_get: ["settings"],
  inbox_list: ["parts"],
  lead_list: ["parts", "contacts", "erasures", "settings"],
  combine_preview: ["contacts", "parts"],
  duplicate_list: ["duplicates", "contacts"],
  conversation_messages: ["parts"],
  conversation_search: ["parts"],
  facets_get: ["facets"],
  segment_list: ["segments", "contacts", "facets"],
  view_count: ["contacts"],
  board_get: ["contacts", "facets", "settings"],
  automation_list: ["parts"],
  automation_preview: ["contacts", "parts"],
  insight_get: ["contacts", "facets", "duplicates"],
  history_list: ["history"],
  setting_get: ["settings"],
  export_log: ["exports"],
  recipe_list: ["exports"],
  export_preview: ["contacts"],
  remote_list: ["remotes"],
  remote_runs: ["remotes", "history"],
  conflict_list: ["remotes", "contacts"],
  conflict_rule_preview: ["remotes", "contacts"],
  aside_body: ["remotes"],
  // What an erasure takes out of the register is told by its own kind.
  request_list: ["privacy", "erasures"],
  request_get: ["privacy", "erasures", "contacts", "parts"],
  purpose_list: ["privacy", "contacts", "parts"],
  privacy_card: ["privacy", "contacts", "parts"],
  restriction_list: ["privacy", "contacts", "parts"],
  retention_list: ["privacy"],
  retention_preview: ["privacy", "contacts", "parts", "exports"],
  processing_get: ["privacy", "contacts", "remotes", "webhooks"],
  audit_list: ["privacy", "erasures", "exports"],
  country_rule_get: ["privacy", "settings"],
  subject_find: ["contacts", "erasures"],
  dsar_preview: ["contacts", "parts", "privacy", "exports", "settings"],
  erasure_preview: ["contacts", "parts", "privacy", "erasures", "remotes", "webhooks"],
  erasure_list: ["erasures"],
  erasure_get: ["erasures"],
  erasure_letter: ["erasures", "privacy"],
  suppression_find: ["erasures"],
  backup_list: ["backups", "workspace"],
  webhook_list: ["webhooks"],
  webhook_log: ["webhooks"],
  hint_list: ["webhooks", "remotes"],
  drop_get: ["webhooks"],
  agent_list: ["agents", "settings", "contacts"],
  agent_calls: ["agents", "contacts"],
  agent_preview: ["agents", "contacts", "parts", "privacy"],
  agent_review: ["agents", "segments", "privacy", "contacts"],
  proposal_list: ["agents", "contacts", "erasures"],
};

/** Answers about things outside the workspace, before a deed that cannot be undone, or that count what leaves no change: asked anew each time they are shown. */
const FRESH: ReadonlySet<CommandName> = new Set(["import_plan", "mail_propose", "join_preview", "link_preview", "combine_preview", "dsar_preview", "dsar_draft_get", "erasure_preview", "audit_list", "erasure_list", "erasure_get", "request_due", "backup_list"]);

export const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY, gcTime: 60_000 } },
});

host.onEvent((event) => {
  if (event.event === "stale") readAgain((command) => PROVIDES[command]?.some((tag) => event.tags.includes(tag)) ?? false);
});

/** Those to be asked once more when what is on its way has come: it was perhaps read before something changed. */
const early = new Set<Query>();

/** Asks anew for the answers to these commands. */
function readAgain(isOld: (command: CommandName) => boolean) {
  const predicate = ({ queryKey }: { queryKey: QueryKey }) => isOld(queryKey[0] as CommandName);
  for (const query of queries.getQueryCache().findAll({ predicate, fetchStatus: "fetching" })) {
    // An answer on a screen gives way to the one that is asked for now. A first one would stay, and one that nobody waits for any more.
    if (early.has(query) || (query.state.data !== undefined && query.isActive())) continue;
    early.add(query);
    const again = () => {
      early.delete(query);
      void queries.invalidateQueries({ queryKey: query.queryKey, exact: true });
    };
    void query.promise?.then(again, again);
  }
  void queries.invalidateQueries({ predicate });
}

/** The answer of a reading command, read again when a write makes it old. */
export function useCommand<N extends CommandName>(name: N, request: Commands[N]["request"], enabled = true) {
  return useQuery({
    queryKey: [name, request],
    queryFn: () => host.call(name, request),
    enabled,
    ...(FRESH.has(name) && { staleTime: 0, gcTime: 0 }),
    // Old rows stay until new ones arrive.
    placeholderData: (previous) => previous,
  });
}

interface After<T> {
  onSuccess?(answer: T): void;
  /** For going elsewhere: after `onSuccess`, and only while what it was started from is still shown. */
  ifShown?(answer: T): void;
  onError?(error: unknown): void;
}

/**
 * A command that a person starts. What comes after it is done also when what they
 * started it from has gone in between: the row of a merged pair, a closed dialog.
 */
export function useAction<N extends CommandName>(name: N) {
  const { mutateAsync, ...state } = useMutation({ mutationFn: (request: Commands[N]["request"]) => host.call(name, request) });
  const shown = useRef(true);
  useEffect(() => {
    shown.current = true;
    return () => { shown.current = false; };
  }, []);
  const mutate = useCallback(
    (request: Commands[N]["request"], after: After<Commands[N]["response"]> = {}) =>
      void mutateAsync(request).then(
        (answer) => {
          after.onSuccess?.(answer);
          if (shown.current) after.ifShown?.(answer);
        },
        // Without a word about an error, the state says it.
        after.onError ?? (() => {}),
      ),
    [mutateAsync],
  );
  return { ...state, mutate, mutateAsync };
}

/** Where the running job stands, if one runs. */
export function useProgress() {
  const [progress, setProgress] = useState<Extract<Event, { event: "progress" }> | null>(null);
  useEffect(() => host.onEvent((event) => event.event === "progress" && setProgress(event)), []);
  return progress;
}

export { host };
