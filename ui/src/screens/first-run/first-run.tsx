import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, Copy, FolderOpen, KeyRound, Keyboard, LockOpen } from "lucide-react";
import { useState } from "react";
import { useAction } from "../../api/cache";
import type { SessionView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { queries } from "../../api/cache";
import { Workspaces } from "../../components/workspaces";
import "./first-run.css";

type By = "keychain" | "passphrase" | "nothing";

/** Who holds the key. The recovery code is shown once, before anything else. */
export function FirstRun({ session }: { session: SessionView }) {
  const [by, setBy] = useState<By>(session.keychain ? "keychain" : "passphrase");
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [kept, setKept] = useState(false);
  const create = useAction("workspace_create");
  const code = create.data?.recoveryCode;
  const enter = () => void queries.invalidateQueries({ queryKey: ["session_get"] });
  const start = () =>
    create.mutate(by === "passphrase" ? { by, passphrase } : { by }, { onSuccess: ({ recoveryCode }) => recoveryCode || enter() });
  const problem = by !== "passphrase" ? null
    : passphrase.length < 8 ? t`At least 8 characters.`
    : again !== passphrase ? t`The two do not agree yet.` : null;

  const choice = (value: By, Icon: typeof KeyRound, title: string, text: string, disabled = false) => (
    <label className={`pr ${by === value ? "on" : ""} ${disabled ? "off" : ""}`}>
      <input type="radio" name="by" className="visually-hidden" checked={by === value} disabled={disabled} onChange={() => setBy(value)} />
      <span className={`check rad ${by === value ? "on" : ""}`} aria-hidden />
      <span className="col">
        <span className="row g6 w5"><Icon /> {title}</span>
        <span className="t12 mut">{text}</span>
      </span>
    </label>
  );

  return (
    <main className="firstrun">
      {!code && <div className="elsewhere"><Workspaces className="btn gh" label={<><FolderOpen /> <Trans>Open another workspace</Trans></>} /></div>}
      <div className="frbox">
        <h1 className="t28"><Trans>Everyone you do business with, on this computer</Trans></h1>
        <p className="t14 mut"><Trans>No account and no network needed. First decide who holds the key: the file is always encrypted.</Trans></p>
        {code ? (
          <section className="card">
            <header><KeyRound /><h2><Trans>Your recovery code</Trans></h2><span className="bdg warn end"><Trans>Shown once</Trans></span></header>
            <div className="pad col" style={{ gap: 16 }}>
              <p>{by === "keychain" ? t`It opens the workspace when the keychain is lost. Nobody else has it, neither have we. Write it down or keep it in a password manager.` : t`It opens the workspace when the passphrase is lost. Nobody else has it, neither have we. Write it down or keep it in a password manager.`}</p>
              <div className="row g12">
                <output className="code mono" data-text>{code}</output>
                <button type="button" className="btn" onClick={() => void navigator.clipboard.writeText(code)}><Copy /> <Trans>Copy</Trans></button>
              </div>
              <label className="row"><input type="checkbox" checked={kept} onChange={(e) => setKept(e.target.checked)} /> <Trans>I have kept it</Trans></label>
            </div>
            <footer><span className="sp" /><button type="button" className="btn pri" disabled={!kept} onClick={enter}><Check /> <Trans>Open the workspace</Trans></button></footer>
          </section>
        ) : (
          <form className="card" onSubmit={(e) => { e.preventDefault(); if (!problem) start(); }}>
            <header><KeyRound /><h2><Trans>Protect this workspace</Trans></h2></header>
            <fieldset className="prs">
              <legend className="visually-hidden"><Trans>Who holds the key</Trans></legend>
              {choice("keychain", KeyRound, t`System keychain`, session.keychain ? t`Opens by itself when you are signed in.` : t`This computer has none.`, !session.keychain)}
              {choice("passphrase", Keyboard, t`Passphrase`, t`Asked at every start. Works on any computer.`)}
              {choice("nothing", LockOpen, t`No protection`, t`Anyone at this computer can open it. Stays visible in the status bar.`)}
            </fieldset>
            {by === "passphrase" && (
              <div className="pad pass">
                <label><span className="lab"><Trans>Passphrase</Trans></span><span className="inp"><input type="password" value={passphrase} autoComplete="new-password" onChange={(e) => setPassphrase(e.target.value)} /></span></label>
                <label><span className="lab"><Trans context="passphrase">Again</Trans></span><span className="inp"><input type="password" value={again} autoComplete="new-password" onChange={(e) => setAgain(e.target.value)} /></span></label>
                <span className="t12 mut" role="status">{passphrase ? problem : ""}</span>
              </div>
            )}
            {create.error && <div className="pad"><div className="note bad"><span>{sentence(create.error)}</span></div></div>}
            <footer>
              <span className="t12 mut ell sp">{session.dir}</span>
              <button type="submit" className="btn pri" disabled={problem !== null || create.isPending}>{create.isPending ? t`Making it` : t`Make the workspace`}</button>
            </footer>
          </form>
        )}
      </div>
    </main>
  );
}
