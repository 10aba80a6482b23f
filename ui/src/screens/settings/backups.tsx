import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Archive, ArchiveRestore, FolderOpen, ShieldCheck, Trash2, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import type { BackupPlanView, BackupView, ReplacedView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { Restore } from "../../components/restore";
import { useToast } from "../../components/toast";
import { Tool } from "../../components/tool";
import { bytes, capital, contacts, day, moment, n } from "../../text/words";
import { worded } from "../../text/worded";

const EVERY: [number, MessageDescriptor][] = [[0, msg`Only by hand`], [1, msg`Every hour`], [6, msg`Every six hours`], [24, msg`Every day`], [168, msg`Every week`]];
const KEEP = [7, 30, 90, 365, 0];
const REASONS: Record<BackupView["reason"], MessageDescriptor> = { hand: msg`by hand`, plan: msg`by itself`, before_schema: msg`before an update` };
const STATES: Record<BackupView["state"], [string, MessageDescriptor]> = { whole: ["ok", msg`opened and counted`], missing: ["warn", msg`is not there`], changed: ["bad", msg`is not what was written`] };

const everyWord = (hours: number) => plural(hours, { one: `Every ${n(hours)} hour`, other: `Every ${n(hours)} hours` });
const keepWord = (days: number) => (days === 0 ? t`Until you delete them` : plural(days, { one: `${n(days)} day`, other: `${n(days)} days` }));
const nameOf = (path: string) => path.split(/[\\/]/).at(-1) ?? path;

/** Copies of the workspace: when they are made, which there are, and the way back. */
export function Backups() {
  const all = useCommand("backup_list", {});
  const run = useAction("backup_run");
  const toast = useToast();
  const [plan, failed] = [all.data?.plan, all.data?.failed];
  const [backups, kept] = [all.data?.backups ?? [], all.data?.kept ?? []];
  const write = (file: string) => run.mutate({ file }, { onSuccess: (done) => toast(t`Backed up ${{ contacts: contacts(done.contacts) }}, ${{ size: bytes(done.bytes) }}, opened again and counted`), onError: (error) => toast(sentence(error)) });
  const elsewhere = async () => {
    const today = new Date().toISOString().slice(0, 10);
    const file = await host.chooseTarget(`cardfile-${today}.cardfile-backup`);
    if (file) write(file);
  };
  return (
    <>
      {all.error && <Failure error={all.error} />}
      {failed && <p className="note warn" role="alert"><TriangleAlert /> <span>{capital(worded(failed.why))}: <bdi>{moment(new Date(failed.at))}</bdi></span></p>}
      {plan && <Plan plan={plan} />}
      <section className="card" aria-labelledby="backups-title">
        <header><h3 id="backups-title"><Trans>Backups</Trans></h3><span className="mut ell"><Trans>encrypted, written, then opened again and counted</Trans></span>
          <button type="button" className="btn end" disabled={run.isPending} onClick={() => void elsewhere()}><Trans>Back up to a file</Trans></button>
          <button type="button" className="btn pri" disabled={run.isPending} onClick={() => write("")}><Archive /> {run.isPending ? t`Writing` : t`Back up now`}</button></header>
        {all.data && backups.length === 0 ? <p className="pad mut"><Trans>There is none yet. Without one, a lost or broken disk is the end of everything in here.</Trans></p> : (
          <div className="setwide" tabIndex={0} role="region" aria-labelledby="backups-title"><table className="tbl">
            <thead><tr><th><Trans>When</Trans></th><th className="r"><Trans>Contacts</Trans></th><th className="r"><Trans>Size</Trans></th><th><Trans>Where</Trans></th><th><Trans>State</Trans></th><th><span className="visually-hidden"><Trans>Actions</Trans></span></th></tr></thead>
            <tbody>{backups.map((backup) => <Row key={backup.file} backup={backup} />)}</tbody>
          </table></div>
        )}
      </section>
      {kept.length > 0 && (
        <section className="card">
          <header><h3><Trans>Put aside by a restore</Trans></h3><span className="mut ell"><Trans>each opens like any workspace</Trans></span></header>
          <ul className="plist2">{kept.map((one) => <Kept key={one.name} kept={one} />)}</ul>
        </section>
      )}
    </>
  );
}

function Plan({ plan }: { plan: BackupPlanView }) {
  const set = useAction("backup_plan");
  const toast = useToast();
  const put = (change: Partial<BackupPlanView>) => set.mutate({ ...plan, ...change }, { onError: (error) => toast(sentence(error)) });
  const choose = async () => {
    const folder = await host.chooseFolder();
    if (folder) put({ folder });
  };
  const every = EVERY.some(([hours]) => hours === plan.everyHours) ? EVERY : [...EVERY, [plan.everyHours, null] as const];
  const keep = KEEP.includes(plan.keepDays) ? KEEP : [...KEEP, plan.keepDays];
  return (
    <section className="card">
      <header><h3><Trans>By themselves</Trans></h3><span className="mut ell"><Trans>while the workspace is open</Trans></span></header>
      <label className="pad setrow">
        <span><Trans>How often</Trans></span>
        <select className="fsel" value={plan.everyHours} onChange={(event) => put({ everyHours: Number(event.target.value) })}>
          {every.map(([hours, word]) => <option key={hours} value={hours}>{word ? i18n._(word) : everyWord(hours)}</option>)}
        </select>
      </label>
      <label className="pad setrow">
        <span><Trans>How long they are kept</Trans><br /><span className="t12 mut"><Trans>The newest whole one stays in any case. Those you make by hand stay until you delete them.</Trans></span></span>
        <select className="fsel" value={plan.keepDays} onChange={(event) => put({ keepDays: Number(event.target.value) })}>
          {keep.map((days) => <option key={days} value={days}>{keepWord(days)}</option>)}
        </select>
      </label>
      <div className="pad row g8">
        <span className="sp"><Trans>Where</Trans><br /><span className="t12 mut" data-text>{plan.folder ?? t`In the workspace: a lost disk takes them along`}</span></span>
        <button type="button" className="btn" onClick={() => void choose()}><FolderOpen /> <Trans>Choose a folder</Trans></button>
        {plan.folder && <button type="button" className="btn" onClick={() => put({ folder: null })}><Trans>In the workspace</Trans></button>}
      </div>
    </section>
  );
}

function Row({ backup }: { backup: BackupView }) {
  const [asked, setAsked] = useState<"restore" | "delete" | null>(null);
  const check = useAction("backup_check");
  const toast = useToast();
  const { file, state, goesAt } = backup;
  const [look, word] = STATES[state];
  const when = moment(new Date(backup.at));
  const looked = () => check.mutate({ file }, { onSuccess: (found) => toast(found.state === "whole" ? t`Read from beginning to end: it is what was written` : capital(i18n._(STATES[found.state][1]))), onError: (error) => toast(sentence(error)) });
  return (
    <tr>
      <td className="num"><bdi>{when}</bdi><br /><span className="t12 mut">{i18n._(REASONS[backup.reason])}</span></td>
      <td className="r num">{n(backup.contacts)}</td>
      <td className="r num">{bytes(backup.bytes)}</td>
      <td title={file}><span className="ell mono t12" data-text>{nameOf(file)}</span><br /><span className="t12 mut">{goesAt ? t`until ${{ date: day(new Date(goesAt)) }}` : t`until you delete it`}</span></td>
      <td><span className={`bdg ${look}`}>{i18n._(word)}</span></td>
      <td className="r"><span className="row g4">
        {state === "whole" && <button type="button" className="btn sm" onClick={() => setAsked("restore")}><ArchiveRestore /> <Trans>Restore</Trans></button>}
        <Tool name={t`Read the backup of ${{ when }} again`} icon={<ShieldCheck />} onClick={looked} />
        <Tool name={t`Delete the backup of ${{ when }}`} icon={<Trash2 />} onClick={() => setAsked("delete")} />
        {asked === "restore" && <Restore backup={backup} onClose={() => setAsked(null)} />}
        {asked === "delete" && <DeleteBackup backup={backup} onClose={() => setAsked(null)} />}
      </span></td>
    </tr>
  );
}

function DeleteBackup({ backup, onClose }: { backup: BackupView; onClose(): void }) {
  const remove = useAction("backup_delete");
  const [failure, setFailure] = useState<unknown>(null);
  const toast = useToast();
  const when = moment(new Date(backup.at));
  const start = () => !remove.isPending && remove.mutate({ file: backup.file }, { onSuccess: () => { onClose(); toast(t`The backup is deleted`); }, onError: setFailure });
  return <Delete title={t`Delete the backup of ${{ when }}?`} path={backup.file} says={t`It cannot be brought back: its key goes with it.`} isRunning={remove.isPending} failure={failure} onClose={onClose} onDelete={start} />;
}

interface DeleteProps {
  title: string;
  path: string;
  says: string;
  isRunning: boolean;
  failure: unknown;
  onClose(): void;
  onDelete(): void;
}

/** What was deleted cannot be brought back: it is asked for once. */
function Delete({ title, path, says, isRunning, failure, onClose, onDelete }: DeleteProps) {
  return (
    <Dialog title={title} width={440} onClose={onClose} onSubmit={onDelete}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn dgr" disabled={isRunning}><Trash2 /> <Trans>Delete</Trans></button></>}>
      <p className="mono t12" data-text>{path}</p>
      <p>{says}</p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

function Kept({ kept }: { kept: ReplacedView }) {
  const remove = useAction("kept_delete");
  const [isAsked, setAsked] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const toast = useToast();
  const { name, dir, at, goesAt } = kept;
  const when = at ? moment(new Date(at)) : name;
  const size = bytes(kept.bytes);
  const start = () => !remove.isPending && remove.mutate({ name }, { onSuccess: () => { setAsked(false); toast(t`It is deleted`); }, onError: setFailure });
  return (
    <li className="file">
      <div className="sp"><p className="w5"><bdi>{when}</bdi> <span className="mut">{size}</span></p><p className="t12 mut"><span className="mono" data-text>{dir}</span>{goesAt && <> · {t`until ${{ date: day(new Date(goesAt)) }}`}</>}</p></div>
      <Tool name={t`Delete what was put aside on ${{ when }}`} icon={<Trash2 />} onClick={() => { setFailure(null); setAsked(true); }} />
      {isAsked && <Delete title={t`Delete the workspace set aside on ${{ when }}?`} path={dir} says={t`It cannot be brought back.`} isRunning={remove.isPending} failure={failure} onClose={() => setAsked(false)} onDelete={start} />}
    </li>
  );
}
