import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { KeyRound, Lock, LockOpen, RefreshCw } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { Created } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { Kbd } from "../../components/kbd";
import { useToast } from "../../components/toast";
import { n } from "../../text/words";
import type { SettingsProps } from "./settings";

const WAYS: [string, MessageDescriptor, MessageDescriptor][] = [
  ["keychain", msg`System keychain`, msg`this computer, opens by itself`],
  ["passphrase", msg`Passphrase`, msg`asked when nothing else opens it`],
  ["recovery", msg`Recovery code`, msg`on paper, opens it anywhere`],
];

/** Minutes without a key or a click; 0 is never. */
const IDLE = [0, 1, 5, 15, 30, 60];
const idleWord = (minutes: number) => (minutes === 0 ? t`Never` : plural(minutes, { one: `${n(minutes)} minute`, other: `${n(minutes)} minutes` }));

type Asked = "passphrase" | "try" | "code" | "key";

/** Who can open the workspace. */
export function Protection({ session, onLock, onCode }: SettingsProps) {
  const add = useAction("keychain_add");
  const remove = useAction("way_remove");
  const toast = useToast();
  const [asked, setAsked] = useState<Asked | null>(null);
  const fail = (error: unknown) => toast(sentence(error));
  /** Most changes bring no new code. */
  const made = (done: Created) => done.recoveryCode && onCode(done.recoveryCode);
  const has = (way: string) => session.ways.includes(way);
  const takeAway = (way: "keychain" | "passphrase") => remove.mutate({ way }, { onSuccess: () => toast(t`It opens nothing any more`), onError: fail });
  const buttons: Record<string, React.ReactNode> = {
    keychain: has("keychain")
      ? has("passphrase") && <button type="button" className="btn sm" onClick={() => takeAway("keychain")}><Trans>Take away</Trans></button>
      : session.keychain && <button type="button" className="btn sm" onClick={() => add.mutate({}, { onSuccess: (done) => { made(done); toast(t`The keychain opens it from now on`); }, onError: fail })}>{t({ message: "Set", context: "passphrase" })}</button>,
    passphrase: (
      <>
        {has("passphrase") && has("keychain") && <button type="button" className="btn sm" onClick={() => takeAway("passphrase")}><Trans>Take away</Trans></button>}
        <button type="button" className="btn sm" onClick={() => setAsked("passphrase")}>{has("passphrase") ? t`Change` : t({ message: "Set", context: "passphrase" })}</button>
      </>
    ),
    recovery: !session.unprotected && (
      <>
        <button type="button" className="btn sm" onClick={() => setAsked("try")}><Trans>Try it</Trans></button>
        <button type="button" className="btn sm" onClick={() => setAsked("code")}><RefreshCw /> <Trans>New code</Trans></button>
      </>
    ),
  };
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
                <td>{has(key) ? <span className="bdg ok"><Trans>In use</Trans></span> : <span className="bdg"><Trans>Not set</Trans></span>}</td>
                <td className="r"><span className="row g4 setways">{buttons[key]}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {!session.unprotected && <Idle />}
      {!session.unprotected && (
        <section className="card">
          <header><h3><Trans>Another key</Trans></h3><button type="button" className="btn end" onClick={() => setAsked("key")}><KeyRound /> <Trans>Encrypt with another key</Trans></button></header>
          <p className="pad mut"><Trans>For the day when somebody may have the old one: everything is written again, and what opened it before opens nothing any more. Backups from before open with what opened them then.</Trans></p>
        </section>
      )}
      {asked === "passphrase" && <Passphrase onClose={() => setAsked(null)} onMade={made} />}
      {asked === "try" && <Try onClose={() => setAsked(null)} />}
      {asked === "code" && <AnotherCode onClose={() => setAsked(null)} onMade={made} />}
      {asked === "key" && <AnotherKey isAsked={has("passphrase")} onClose={() => setAsked(null)} onMade={made} />}
    </>
  );
}

/** The lock that closes by itself. */
function Idle() {
  const after = useCommand("setting_get", { key: "lock_after_minutes" });
  const set = useAction("setting_set");
  const toast = useToast();
  const now = Number(after.data?.value ?? 0);
  const choices = IDLE.includes(now) ? IDLE : [...IDLE, now];
  return (
    <section className="card">
      <header><h3><Trans>Lock by itself</Trans></h3></header>
      <label className="pad setrow">
        <span><Trans>After so long without a key or a click, and when the computer has slept</Trans><br /><span className="t12 mut"><Trans>The key and the search index leave the memory.</Trans></span></span>
        <select className="fsel" value={now} onChange={(event) => set.mutate({ key: "lock_after_minutes", value: Number(event.target.value) }, { onError: (error) => toast(sentence(error)) })}>
          {choices.map((minutes) => <option key={minutes} value={minutes}>{idleWord(minutes)}</option>)}
        </select>
      </label>
    </section>
  );
}

interface Question {
  onClose(): void;
}

function Passphrase({ onClose, onMade }: Question & { onMade(done: Created): void }) {
  const [typed, setTyped] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const set = useAction("passphrase_set");
  const toast = useToast();
  const isReady = typed.length >= 8 && !set.isPending;
  const save = () => isReady && set.mutate({ passphrase: typed }, { onSuccess: (done) => { onClose(); onMade(done); toast(t`The passphrase is set`); }, onError: setFailure });
  return (
    <Dialog title={t`New passphrase`} width={440} onClose={onClose} onSubmit={save}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!isReady}><Trans>Set passphrase</Trans> <span className="kbd">Enter</span></button></>}>
      <span className="inp"><input type="password" autoComplete="new-password" aria-label={t`New passphrase`} placeholder={t`At least 8 characters`} value={typed} onChange={(event) => setTyped(event.target.value)} /></span>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

/** What somebody wrote down is tried before it is needed. */
function Try({ onClose }: Question) {
  const [typed, setTyped] = useState("");
  const [opens, setOpens] = useState<boolean | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const attempt = useAction("recovery_try");
  const start = () => typed.trim() && !attempt.isPending && attempt.mutate({ proof: typed }, { onSuccess: (done) => setOpens(done.opens), onError: setFailure });
  return (
    <Dialog title={t`Try the recovery code`} width={440} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Close</Trans></button><button type="submit" className="btn pri" disabled={!typed.trim() || attempt.isPending}><Trans>Try it</Trans> <span className="kbd">Enter</span></button></>}>
      <label className="col"><span className="lab"><Trans>As you wrote it down</Trans></span><span className="inp"><input className="mono" autoComplete="off" spellCheck={false} value={typed} onChange={(event) => { setTyped(event.target.value); setOpens(null); }} /></span></label>
      <p role="status" className={opens ? "ok" : "bad"}>{opens === null ? "" : opens ? t`It opens this workspace.` : t`It does not open this workspace.`}</p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

/** What is on paper somewhere stops working: that is asked first. */
function AnotherCode({ onClose, onMade }: Question & { onMade(done: Created): void }) {
  const [failure, setFailure] = useState<unknown>(null);
  const renew = useAction("recovery_renew");
  const start = () => {
    if (renew.isPending) return;
    setFailure(null);
    renew.mutate({}, { onSuccess: (done) => { onClose(); onMade(done); }, onError: setFailure });
  };
  return (
    <Dialog title={t`Make a new recovery code?`} width={440} isHeld={renew.isPending} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" disabled={renew.isPending} onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={renew.isPending}><RefreshCw /> <Trans>New code</Trans></button></>}>
      <p><Trans>The old one stops working at once.</Trans></p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

function AnotherKey({ isAsked, onClose, onMade }: Question & { isAsked: boolean; onMade(done: Created): void }) {
  const [typed, setTyped] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const renew = useAction("key_renew");
  const isReady = !renew.isPending && (!isAsked || typed !== "");
  const start = () => {
    if (!isReady) return;
    setFailure(null);
    renew.mutate({ passphrase: typed }, { onSuccess: (done) => { onClose(); onMade(done); }, onError: setFailure });
  };
  return (
    <Dialog title={t`Encrypt with another key?`} isHeld={renew.isPending} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" disabled={renew.isPending} onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!isReady}><KeyRound /> {renew.isPending ? t`Writing everything again` : t`Encrypt again`} <span className="kbd">Enter</span></button></>}>
      <p><Trans>The workspace is closed for it; nobody else may have it open. You get a new recovery code, and the old one opens nothing any more.</Trans></p>
      {isAsked && <label className="col"><span className="lab"><Trans>Your passphrase, which stays</Trans></span><span className="inp"><input type="password" autoComplete="current-password" value={typed} onChange={(event) => setTyped(event.target.value)} /></span></label>}
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
