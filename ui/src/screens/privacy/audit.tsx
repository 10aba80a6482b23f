import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { CircleCheck, Download, FileCheck2, ScrollText, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import type { AuditView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Failure } from "../../components/failure";
import { FileTarget, useTarget } from "../../components/file-target";
import { Print } from "../../components/paper";
import { useToast } from "../../components/toast";
import { capital, moment, n } from "../../text/words";
import { worded } from "../../text/worded";
import { CheckResult } from "./check-result";
import { Field, Sheet } from "./parts";
import { entriesOf, eventWord } from "./words";

/** What was done for the privacy of people: each entry bound to all before it, and none names anybody. */
export function Audit() {
  const log = useCommand("audit_list", { before: null });
  const older = useAction("audit_list");
  const [more, setMore] = useState<AuditView[]>([]);
  const [isWhole, setWhole] = useState(false);
  const toast = useToast();
  const latest = log.data?.entries ?? [];
  const entries = [...latest, ...more.filter((one) => !latest.some(({ entry }) => entry === one.entry))];
  const last = entries.at(-1)?.entry ?? 1;
  const load = () => older.mutate({ before: last }, { onSuccess: ({ entries: found }) => { setMore((all) => [...all, ...found]); setWhole(found.length === 0); }, onError: (error) => toast(sentence(error)) });
  return (
    <Sheet title={t`Audit and proof`} about={latest[0] ? entriesOf(latest[0].entry) : ""} tools={<Print />}>
      <div className="scroll pvwhole">
        {log.error && <Failure error={log.error} />}
        <div className="pvhalves noprint"><Chain /><CheckBundle /></div>
        <section className="card" aria-labelledby="log-title">
          <header><ScrollText /><h3 id="log-title"><Trans>Audit log</Trans></h3><span className="mut"><Trans>newest first</Trans></span></header>
          {!log.data ? <p className="pad mut" role="status">{log.error ? t`Nothing could be read.` : t`Reading`}</p> : entries.length === 0 ? <p className="pad mut"><Trans>Nothing was done yet that is written down here.</Trans></p> : (
            <table className="tbl pvaudit">
              <thead><tr><th scope="col" className="r"><Trans>Entry</Trans></th><th scope="col"><Trans>When</Trans></th><th scope="col"><Trans>What</Trans></th><th scope="col"><Trans>By</Trans></th><th scope="col"><Trans>Facts</Trans></th><th scope="col"><Trans>Hash</Trans></th></tr></thead>
              <tbody>{entries.map((one) => <Line key={one.entry} one={one} />)}</tbody>
            </table>
          )}
          {last > 1 && !isWhole && entries.length > 0 && <footer className="noprint"><button type="button" className="btn sm" disabled={older.isPending} onClick={load}><Trans>Older entries</Trans></button></footer>}
        </section>
      </div>
    </Sheet>
  );
}

function Line({ one }: { one: AuditView }) {
  return (
    <tr><td className="r">{n(one.entry)}</td><td className="num">{moment(new Date(one.at))}</td><td className="w5">{eventWord(one.event)}</td><td><bdi>{one.actor}</bdi></td><td className="mut"><bdi>{one.says && capital(worded(one.says))}</bdi></td><td className="mono fnt" data-text title={one.hash}>{one.hash.slice(0, 12)}</td></tr>
  );
}

/** Whether the log is what was written, and the log as a file that anybody can check. */
function Chain() {
  const check = useAction("audit_check");
  const write = useAction("audit_export");
  const toast = useToast();
  const [target, setTarget] = useTarget("audit.jsonl");
  const { file } = target;
  const start = () => file && !write.isPending && write.mutate({ file, replace: target.asked }, { onSuccess: ({ entries }) => toast(plural(entries, { one: `${n(entries)} entry written to ${file}`, other: `${n(entries)} entries written to ${file}` })), onError: (error) => toast(sentence(error)) });
  const found = check.data;
  const [broken, head] = [found?.broken ?? null, found?.head ?? ""];
  const number = n(broken ?? 0);
  return (
    <section className="card" aria-labelledby="chain-title">
      <header><h3 id="chain-title"><Trans>Check the audit log</Trans></h3></header>
      <div className="pad col pvgap">
        {found && (
          <div className={`note ${broken === null ? "ok" : "bad"}`} role="status">{broken === null ? <CircleCheck /> : <TriangleAlert />}
            <span className="sp"><b className="w5">{broken === null ? plural(found.entries, { one: `${n(found.entries)} entry, as it was written`, other: `All ${n(found.entries)} entries are as they were written` }) : t`Entry ${number} is not what was written`}</b><br /><span className="t12 mono pvhash" data-text>{head}</span></span></div>
        )}
        {check.error && <Failure error={check.error} />}
        <div className="row"><button type="button" className="btn" disabled={check.isPending} onClick={() => check.mutate({})}><FileCheck2 /> <Trans>Check the log</Trans></button></div>
        <form className="row" onSubmit={(event) => { event.preventDefault(); start(); }}><FileTarget target={target} onTarget={setTarget} label={t`File of the log`} /><button type="submit" className="btn" disabled={file === "" || write.isPending}><Download /> <Trans>Export</Trans></button></form>
      </div>
    </section>
  );
}

/** An answer to an access request, checked file by file. */
function CheckBundle() {
  const verify = useAction("dsar_verify");
  const [file, setFileName] = useState("");
  const [key, setKeyLine] = useState("");
  // What was found of one file says nothing of another.
  const setFile = (name: string) => { verify.reset(); setFileName(name); };
  const setKey = (line: string) => { verify.reset(); setKeyLine(line); };
  const start = () => file.trim() && !verify.isPending && verify.mutate({ file: file.trim(), key });
  return (
    <section className="card" aria-labelledby="verify-title">
      <header><h3 id="verify-title"><Trans>Check a bundle</Trans></h3></header>
      <form className="pad col pvgap" onSubmit={(event) => { event.preventDefault(); start(); }}>
        <div className="row"><span className="inp sp"><input className="mono" spellCheck={false} aria-label={t`Bundle to check`} placeholder={t`The file of an answer`} value={file} onChange={(event) => setFile(event.target.value)} /></span><button type="button" className="btn" onClick={() => void host.chooseFiles().then(([chosen]) => chosen && setFile(chosen))}><Trans>Choose</Trans></button></div>
        <Field label={t`The key that is expected, if you have it`} hint="RW…" value={key} onValue={setKey} />
        <div className="row"><button type="submit" className="btn" disabled={!file.trim() || verify.isPending}><FileCheck2 /> <Trans>Check the bundle</Trans></button></div>
        {verify.error && <Failure error={verify.error} />}
      </form>
      {verify.data && <CheckResult found={verify.data} />}
    </section>
  );
}
