import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Eye, EyeOff, FolderOpen, Lock, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAction } from "../../api/cache";
import type { Said } from "../../api/generated/commands";
import { isCommandError, sentence } from "../../api/host";
import { Workspaces } from "../../components/workspaces";
import { worded } from "../../text/worded";
import { Rescue } from "./rescue";
import "./unlock.css";

interface Props {
  name: string;
  /** Why the keychain, which was to open it, does not. */
  why?: Said | null;
  /** Why the workspace cannot be opened at all. */
  failure?: unknown;
  onOpened(): void;
}

const TITLES: Record<string, MessageDescriptor> = {
  damaged: msg`This workspace is damaged`,
  newer_schema: msg`This workspace is from a newer version`,
  read_only: msg`This workspace cannot be written`,
  in_use: msg`This workspace is in use`,
};

/** The locked workspace, and the ones that cannot be opened: what happened, what to do, nothing written. */
export function Unlock({ name, why, failure, onOpened }: Props) {
  const [secret, setSecret] = useState("");
  // A recovery code is long, and is typed from paper.
  const [shown, setShown] = useState(false);
  const unlock = useAction("workspace_unlock");
  if (failure) {
    const known = isCommandError(failure) ? failure : null;
    const title = known ? TITLES[known.code] : undefined;
    return (
      <main className="unlock">
        <Elsewhere />
        <section className="card ub" role="alert">
          <div className="uh"><TriangleAlert className="warn" /><h1 className="t20">{title ? i18n._(title) : t`The workspace did not open`}</h1></div>
          <p>{sentence(failure)}</p>
          {known?.hint && <p className="mut">{worded(known.hint)}</p>}
          {known?.code === "damaged" && <Rescue onRestored={onOpened} />}
          <button type="button" className="btn" onClick={onOpened}><Trans>Try again</Trans></button>
        </section>
      </main>
    );
  }
  const open = () => unlock.mutate({ secret }, { onSuccess: onOpened });
  return (
    <main className="unlock">
      <Elsewhere />
      <form className="card ub" onSubmit={(e) => { e.preventDefault(); open(); }}>
        <div className="uh"><Lock /><h1 className="t20">{t`${name} is locked`}</h1></div>
        {why && <p className="note"><TriangleAlert className="warn" /> <span>{worded(why)} <Trans>The passphrase or the recovery code opens the workspace.</Trans></span></p>}
        <div>
          <label className="lab" htmlFor="unlock-key"><Trans>Passphrase or recovery code</Trans></label>
          <span className={`inp lg ${unlock.error ? "err" : ""}`}>
            <input id="unlock-key" autoFocus type={shown ? "text" : "password"} spellCheck={false} value={secret} autoComplete="current-password" aria-invalid={unlock.error ? true : undefined}
              aria-describedby="unlock-note unlock-hint" onChange={(e) => { setSecret(e.target.value); unlock.reset(); }} />
            <button type="button" className="btn gh sm ic" aria-label={t`Show what is typed`} title={shown ? t`Hide what is typed` : t`Show what is typed`} aria-pressed={shown} onMouseDown={(event) => event.preventDefault()} onClick={() => setShown(!shown)}>{shown ? <EyeOff /> : <Eye />}</button>
          </span>
        </div>
        <p id="unlock-note" className="bad" role="status">{unlock.error && sentence(unlock.error)}</p>
        <p id="unlock-hint" className="mut"><Trans>Of a recovery code, capitals and dashes do not matter. Without a key nothing here can be read, and there is no way around it.</Trans></p>
        <button type="submit" className="btn pri lg" disabled={unlock.isPending}>{unlock.isPending ? t`Opening` : t`Unlock`}</button>
      </form>
    </main>
  );
}

const Elsewhere = () => (
  <div className="elsewhere"><Workspaces className="btn gh" label={<><FolderOpen /> <Trans>Open another workspace</Trans></>} /></div>
);
