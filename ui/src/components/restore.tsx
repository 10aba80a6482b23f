import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArchiveRestore, FolderOpen, LifeBuoy, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAction } from "../api/cache";
import type { BackupView, RestoredView, SalvagedView } from "../api/generated/commands";
import { contacts, moment, n } from "../text/words";
import { Dialog } from "./dialog";
import { Failure } from "./failure";
import { useSwitch } from "./use-switch";

interface Props {
  backup: BackupView;
  /** The workspace does not open: the backup can only take its place. */
  isBroken?: boolean;
  onClose(): void;
  /** After it took the place of the workspace. */
  onRestored?(): void;
}

/** A backup that comes back: as a workspace of its own, or in the place of this one, which is kept. */
export function Restore({ backup, isBroken = false, onClose, onRestored }: Props) {
  const [how, setHow] = useState<"into" | "over">(isBroken ? "over" : "into");
  const [name, setName] = useState("");
  const [proof, setProof] = useState("");
  const [done, setDone] = useState<RestoredView | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const into = useAction("restore_into");
  const over = useAction("restore_over");
  const { go } = useSwitch();
  const isBusy = into.isPending || over.isPending;
  const isReady = !isBusy && (how === "over" || name.trim() !== "");
  const start = () => {
    if (!isReady) return;
    setFailure(null);
    if (how === "into") into.mutate({ file: backup.file, name: name.trim(), proof }, { onSuccess: setDone, onError: setFailure });
    else over.mutate({ file: backup.file, proof }, { onSuccess: setDone, onError: setFailure });
  };
  const close = () => {
    onClose();
    if (done && how === "over") onRestored?.();
  };
  const when = moment(new Date(backup.at));
  if (done) {
    const [people, kept, { dir }] = [contacts(done.contacts), done.kept, done];
    return (
      <Dialog title={t`The backup is back`} onClose={close} onSubmit={close}
        buttons={<>{how === "into" && <button type="button" className="btn" onClick={() => go({ to: "folder", dir }, onClose)}><FolderOpen /> <Trans>Open it</Trans></button>}<button type="submit" className="btn pri"><Trans>Close</Trans> <span className="kbd">Enter</span></button></>}>
        <p>{how === "into" ? t`In a workspace of its own, as of ${when}: ${people}.` : t`In this workspace, as of ${when}: ${people}.`}</p>
        {kept && <p className="mut"><Trans>What was here is kept: <span className="mono" data-text>{kept}</span></Trans></p>}
        {done.knowsSince
          ? <p className="mut"><Trans>Whoever was erased since is erased here too. Consents, restrictions and objections from after the backup are not in it: enter them again.</Trans></p>
          : <p className="note warn"><TriangleAlert /> <span><Trans>Nobody could say who was erased after the backup was made. Whoever was has to be erased again.</Trans></span></p>}
        {done.notCarried.length > 0 && <p className="note warn"><TriangleAlert /> <span><Trans>What was here could not be read as a whole: not all requests, receipts and records of who got data came along.</Trans></span></p>}
      </Dialog>
    );
  }
  const people = contacts(backup.contacts);
  return (
    <Dialog title={t`Restore the backup of ${when}`} isHeld={isBusy} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" disabled={isBusy} onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!isReady}><ArchiveRestore /> {isBusy ? t`Restoring` : t`Restore`} <span className="kbd">Enter</span></button></>}>
      <p><Trans>It holds {people}.</Trans></p>
      {!isBroken && (
        <div className="col g8" role="radiogroup" aria-label={t`Where to`}>
          <label className="row g8"><input type="radio" name="how" checked={how === "into"} onChange={() => setHow("into")} /> <span><Trans>As a workspace of its own, beside this one</Trans></span></label>
          <label className="row g8"><input type="radio" name="how" checked={how === "over"} onChange={() => setHow("over")} /> <span><Trans>In the place of this workspace, which is kept</Trans></span></label>
        </div>
      )}
      {how === "into" && <label className="col"><span className="lab"><Trans>Name of the workspace</Trans></span><span className="inp"><input value={name} onChange={(event) => setName(event.target.value)} /></span></label>}
      <label className="col"><span className="lab"><Trans>Passphrase or recovery code of then</Trans></span><span className="inp"><input type="password" autoComplete="off" placeholder={t`Only when it does not open by itself`} value={proof} onChange={(event) => setProof(event.target.value)} /></span></label>
      {how === "over" && <p className="t12 mut"><Trans>The keys of this workspace stay as they are now. Connections write nothing before you turn them on again.</Trans></p>}
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

/** What can still be read of a damaged workspace, saved into a new one. */
export function Salvage({ onClose }: { onClose(): void }) {
  const [name, setName] = useState(() => t`Saved`);
  const [proof, setProof] = useState("");
  const [done, setDone] = useState<SalvagedView | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const salvage = useAction("salvage_into");
  const { go } = useSwitch();
  const start = () => {
    if (!name.trim() || salvage.isPending) return;
    setFailure(null);
    salvage.mutate({ name: name.trim(), proof }, { onSuccess: setDone, onError: setFailure });
  };
  if (done) {
    const [people, { dir, orphans }] = [contacts(done.contacts), done];
    const places = (amount: number) => plural(amount, { one: `${n(amount)} place cannot be read`, other: `${n(amount)} places cannot be read` });
    return (
      <Dialog title={t`Saved what can be read`} onClose={onClose} onSubmit={() => go({ to: "folder", dir }, onClose)}
        buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Close</Trans></button><button type="submit" className="btn pri"><FolderOpen /> <Trans>Open it</Trans> <span className="kbd">Enter</span></button></>}>
        <p><Trans>In a new workspace: {people}. The damaged one is as it was.</Trans></p>
        {done.gaps.length > 0 && <ul className="col g4">{done.gaps.map(([table, amount]) => <li key={table}>{t`${table}: ${{ places: places(amount) }}`}</li>)}</ul>}
        {orphans > 0 && <p className="mut">{plural(orphans, { one: `${n(orphans)} entry was left out because what it belongs to is lost.`, other: `${n(orphans)} entries were left out because what they belong to is lost.` })}</p>}
      </Dialog>
    );
  }
  return (
    <Dialog title={t`Save what can be read`} isHeld={salvage.isPending} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" disabled={salvage.isPending} onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!name.trim() || salvage.isPending}><LifeBuoy /> {salvage.isPending ? t`Reading` : t`Save into a new workspace`} <span className="kbd">Enter</span></button></>}>
      <p><Trans>Everything that is whole is copied into a new workspace. What lies in damaged places is missing there, and nobody can say what it was: a backup is better where there is one.</Trans></p>
      <label className="col"><span className="lab"><Trans>Name of the workspace</Trans></span><span className="inp"><input value={name} onChange={(event) => setName(event.target.value)} /></span></label>
      <label className="col"><span className="lab"><Trans>Passphrase or recovery code</Trans></span><span className="inp"><input type="password" autoComplete="off" placeholder={t`Only when it does not open by itself`} value={proof} onChange={(event) => setProof(event.target.value)} /></span></label>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
