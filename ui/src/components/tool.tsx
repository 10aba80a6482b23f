import type { ReactNode } from "react";
import type { Changed, Made } from "../api/generated/commands";
import { sentence } from "../api/host";
import { useToast } from "./toast";

/** What takes an operation back, if there was one. */
export type Undoing = (operation: string | null) => (() => void) | undefined;

/** A picture that is a button. */
export function Tool({ name, icon, onClick }: { name: string; icon: ReactNode; onClick(): void }) {
  return <button type="button" className="btn ic gh sm" aria-label={name} title={name} onClick={onClick}>{icon}</button>;
}

/** Says what was done and offers the way back; or why it was not done. */
export function useSaying(undoing: Undoing) {
  const toast = useToast();
  return (text: string, after?: () => void) => ({
    onSuccess: (done: Changed | Made) => {
      after?.();
      if (done.operation) toast(text, undoing(done.operation));
    },
    onError: (error: unknown) => toast(sentence(error)),
  });
}
