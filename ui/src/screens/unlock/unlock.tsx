import { FolderOpen, Lock, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAction } from "../../api/cache";
import { isCommandError, sentence } from "../../api/host";
import { Workspaces } from "../../components/workspaces";
import "./unlock.css";

interface Props {
  name: string;
  /** Why the workspace cannot be opened at all. */
  failure?: unknown;
  onOpened(): void;
}

const TITLES: Record<string, string> = {
  damaged: "This workspace is damaged",
  newer_schema: "This workspace is from a newer version",
  read_only: "This workspace cannot be written",
  in_use: "This workspace is in use",
};

/** The locked workspace, and the ones that cannot be opened: what happened, what to do, nothing written. */
export function Unlock({ name, failure, onOpened }: Props) {
  const [secret, setSecret] = useState("");
  const unlock = useAction("workspace_unlock");
  if (failure) {
    const known = isCommandError(failure) ? failure : null;
    return (
      <main className="unlock">
        <Elsewhere />
        <section className="card ub" role="alert">
          <div className="uh"><TriangleAlert className="warn" /><h1 className="t20">{(known && TITLES[known.code]) ?? "The workspace did not open"}</h1></div>
          <p>{sentence(failure)}</p>
          {known?.hint && <p className="mut">{known.hint}</p>}
          <button type="button" className="btn" onClick={onOpened}>Try again</button>
        </section>
      </main>
    );
  }
  const open = () => unlock.mutate({ secret }, { onSuccess: onOpened });
  return (
    <main className="unlock">
      <Elsewhere />
      <form className="card ub" onSubmit={(e) => { e.preventDefault(); open(); }}>
        <div className="uh"><Lock /><h1 className="t20">{name} is locked</h1></div>
        <label>
          <span className="lab">Passphrase or recovery code</span>
          <span className={`inp lg ${unlock.error ? "err" : ""}`}>
            <input autoFocus type="password" value={secret} autoComplete="current-password" aria-invalid={unlock.error ? true : undefined}
              aria-describedby="unlock-note" onChange={(e) => { setSecret(e.target.value); unlock.reset(); }} />
          </span>
        </label>
        <p id="unlock-note" className={unlock.error ? "bad" : "mut"} role="status">
          {unlock.error ? sentence(unlock.error) : "Of a recovery code, capitals and dashes do not matter. Without a key nothing here can be read, and there is no way around it."}
        </p>
        <button type="submit" className="btn pri lg" disabled={unlock.isPending}>{unlock.isPending ? "Opening" : "Unlock"}</button>
      </form>
    </main>
  );
}

const Elsewhere = () => (
  <div className="elsewhere"><Workspaces className="btn gh" label={<><FolderOpen /> Open another workspace</>} /></div>
);
