import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { isCommandError, sentence } from "../api/host";
import { worded } from "../text/worded";

/** What went wrong, in the words of whoever said it, what to do about it, and perhaps the button that does it. */
export function Failure({ error, children }: { error: unknown; children?: ReactNode }) {
  return (
    <div className="note bad" role="alert">
      <TriangleAlert />
      <span className="sp"><span className="said">{sentence(error)}</span>{isCommandError(error) && error.hint && <><br />{worded(error.hint)}</>}</span>
      {children}
    </div>
  );
}
