import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Archive, Copy, KeyRound, Lock, LockOpen, RefreshCw } from "lucide-react";
import { useState } from "react";
import { host, useAction } from "../../api/cache";
import { sentence } from "../../api/host";
import { Kbd } from "../../components/kbd";
import { useToast } from "../../components/toast";
import { bytes, contacts } from "../../text/words";
import type { SettingsProps } from "./settings";

const WAYS: [string, MessageDescriptor, MessageDescriptor][] = [
  ["keychain", msg`System keychain`, msg`this computer, opens by itself`],
  ["passphrase", msg`Passphrase`, msg`asked when nothing else opens it`],
  ["recovery", msg`Recovery code`, msg`on paper, opens it anywhere`],
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
    if (file) backup.mutate({ file }, { onSuccess: (done) => toast(t`Backed up ${{ contacts: contacts(done.contacts) }}, ${{ size: bytes(done.bytes) }}, opened again and counted`), onError: fail });
  };
  const command = "cardfile restore FILE --into DIR";
  return (
    <>
      <section className="card">
        <header>{session.unprotected ? <LockOpen className="warn" /> : <Lock className="ok" />}<h3>{session.unprotected ? t`No protection` : t`Encrypted`}</h3>
          {!session.unprotected && <button type="button" className="btn end" onClick={onLock}><Trans>Lock now</Trans> <Kbd of="lock" /></button>}</header>
        <div className="pad">{session.unprotected ? t`Anyone at this computer can open this workspace: its key lies beside it. Set a passphrase to change that.` : t`Any one of these opens the same file. Without one of them nobody can read it, and nobody can bring it back.`}<br /><span className="t12 mut mono" data-text>{session.dir}</span></div>
        <table className="tbl">
          <thead><tr><th><Trans context="protection">Key</Trans></th><th><Trans>Where</Trans></th><th><Trans>State</Trans></th><th><span className="visually-hidden"><Trans>Change</Trans></span></th></tr></thead>
          <tbody>
            {WAYS.map(([key, label, where]) => (
              <tr key={key}>
                <td className="w5">{i18n._(label)}</td><td className="mut">{i18n._(where)}</td>
                <td>{session.ways.includes(key) ? <span className="bdg ok"><Trans>In use</Trans></span> : <span className="bdg"><Trans>Not set</Trans></span>}</td>
                <td className="r">
                  {key === "passphrase" && <button type="button" className="btn sm" onClick={() => setTyped(typed === null ? "" : null)}>{session.ways.includes(key) ? t`Change` : t({ message: "Set", context: "passphrase" })}</button>}
                  {key === "recovery" && !session.unprotected && <button type="button" className="btn sm" onClick={() => renew.mutate({}, { onSuccess: (done) => setCode(done.recoveryCode), onError: fail })}><RefreshCw /> <Trans>New code</Trans></button>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {typed !== null && (
          <form className="pad row g6" onSubmit={(e) => { e.preventDefault(); passphrase.mutate({ passphrase: typed }, { onSuccess: (done) => { setTyped(null); setCode(done.recoveryCode); toast(t`The passphrase is set`); }, onError: fail }); }}>
            <span className="inp sp"><input autoFocus type="password" autoComplete="new-password" aria-label={t`New passphrase`} placeholder={t`At least 8 characters`} value={typed} onChange={(e) => setTyped(e.target.value)} /></span>
            <button type="submit" className="btn pri" disabled={typed.length < 8 || passphrase.isPending}><Trans>Set passphrase</Trans></button>
          </form>
        )}
      </section>
      {code && (
        <section className="card">
          <header><KeyRound /><h3><Trans>Your new recovery code</Trans></h3><span className="bdg warn end"><Trans>Shown once</Trans></span></header>
          <div className="pad col g12">
            <p><Trans>The old code opens nothing any more. Write this one down or keep it in a password manager.</Trans></p>
            <div className="row g12"><output className="code mono" data-text>{code}</output><button type="button" className="btn" onClick={() => void navigator.clipboard.writeText(code)}><Copy /> <Trans>Copy</Trans></button>
              <button type="button" className="btn end" onClick={() => setCode(null)}><Trans>I have kept it</Trans></button></div>
          </div>
        </section>
      )}
      <section className="card">
        <header><h3><Trans>Backup</Trans></h3><span className="mut"><Trans>encrypted, written, then opened again and counted</Trans></span>
          <button type="button" className="btn pri end" disabled={backup.isPending} onClick={() => void save()}><Archive /> {backup.isPending ? t`Writing` : t`Back up now`}</button></header>
        <div className="pad mut"><Trans>A backup is restored into a folder of its own: <span className="mono">{command}</span></Trans></div>
      </section>
    </>
  );
}
