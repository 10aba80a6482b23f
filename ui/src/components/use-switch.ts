import { queries, useAction } from "../api/cache";
import type { Switch } from "../api/generated/commands";

/** Goes to another workspace. */
export function useSwitch() {
  const change = useAction("workspace_switch");
  const go = (to: Switch, onGone?: () => void) =>
    change.mutate(to, {
      onSuccess: () => {
        onGone?.();
        // Not a row of the old one may stay on the screen.
        queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session_get" });
        void queries.invalidateQueries({ queryKey: ["session_get"] });
      },
    });
  return { ...change, go };
}
