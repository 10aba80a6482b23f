import { Archive, Copy, KeyRound, Lock, LockOpen, RefreshCw } from "lucide-react";
import { useState } from "react";
import { host, useAction } from "../../api/cache";
import { sentence } from "../../api/host";
import { Kbd } from "../../components/kbd";
import { useToast } from "../../components/toast";
import { bytes, contacts } from "../../text/en";
import type { SettingsProps } from "./settings";

const WAYS: [string, string, string][] = [
  ["keychain", "System keychain", "this computer, opens by itself"],
  ["passphrase", "Passphrase", "asked when nothing else opens it"],
  ["recovery", "Recovery code", "on paper, opens it anywhere"],
];

/** Who can open the workspace, and a copy of it. */
export function Protection({ session, onLock }: SettingsProps) {
  const renew = useAction("recovery_renew");
  const passphrase = useAction("passphrase_set");
  const backup = useAction("backup_run");
  const toast = useToast();
  const [code, setCode] = useState<string | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const fail = (error: unknown) => toast(sentence(error));
  const save = async () => {
    const day = new Date().toISOString().slice(0, 10);
    const file = await host.chooseTarget(`cardfile-${day}.cardfile-backup`);
    if (file) backup.mutate({ file }, { onSuccess: (done) => toast(`Backed up ${contacts(done.contacts)}, ${bytes(done.bytes)}, opened again and counted`), onError: fail });
  };
  return (
    <>
      <section className="card">
        <header>{session.unprotected ? <LockOpen className="warn" /> : <Lock className="ok" />}<h3>{session.unprotected ? "No protection" : "Encrypted"}</h3>
          {!session.unprotected && <button type="button" className="btn end" onClick={onLock}>Lock now <Kbd of="lock" /></button>}</header>
        <div className="pad">{session.unprotected ? "Anyone at this computer can open this workspace: its key lies beside it. Set a passphrase to change that." : "Any one of these opens the same file. Without one of them nobody can read it, and nobody can bring it back."}<br /><span className="t12 mut mono" data-text>{session.dir}</span></div>
        <table className="tbl">
          <thead><tr><th>Key</th><th>Where</th><th>State</th><th><span className="visually-hidden">Change</span></th></tr></thead>
          <tbody>
            {WAYS.map(([key, label, where]) => (
              <tr key={key}>
                <td className="w5">{label}</td><td className="mut">{where}</td>
                <td>{session.ways.includes(key) ? <span className="bdg ok">In use</span> : <span className="bdg">Not set</span>}</td>
                <td className="r">
                  {key === "passphrase" && <button type="button" className="btn sm" onClick={() => setTyped(typed === null ? "" : null)}>{session.ways.includes(key) ? "Change" : "Set"}</button>}
                  {key === "recovery" && !session.unprotected && <button type="button" className="btn sm" onClick={() => renew.mutate({}, { onSuccess: (done) => setCode(done.recoveryCode), onError: fail })}><RefreshCw /> New code</button>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {typed !== null && (
          <form className="pad row g6" onSubmit={(e) => { e.preventDefault(); passphrase.mutate({ passphrase: typed }, { onSuccess: (done) => { setTyped(null); setCode(done.recoveryCode); toast("The passphrase is set"); }, onError: fail }); }}>
            <span className="inp sp"><input autoFocus type="password" autoComplete="new-password" aria-label="New passphrase" placeholder="At least 8 characters" value={typed} onChange={(e) => setTyped(e.target.value)} /></span>
            <button type="submit" className="btn pri" disabled={typed.length < 8 || passphrase.isPending}>Set passphrase</button>
          </form>
        )}
      </section>
      {code && (
        <section className="card">
          <header><KeyRound /><h3>Your new recovery code</h3><span className="bdg warn end">Shown once</span></header>
          <div className="pad col g12">
            <p>The old code opens nothing any more. Write this one down or keep it in a password manager.</p>
            <div className="row g12"><output className="code mono" data-text>{code}</output><button type="button" className="btn" onClick={() => void navigator.clipboard.writeText(code)}><Copy /> Copy</button>
              <button type="button" className="btn end" onClick={() => setCode(null)}>I have kept it</button></div>
          </div>
        </section>
      )}
      <section className="card">
        <header><h3>Backup</h3><span className="mut">encrypted, written, then opened again and counted</span>
          <button type="button" className="btn pri end" disabled={backup.isPending} onClick={() => void save()}><Archive /> {backup.isPending ? "Writing" : "Back up now"}</button></header>
        <div className="pad mut">A backup is restored into a folder of its own: <span className="mono">cardfile restore FILE --into DIR</span></div>
      </section>
    </>
  );
}
