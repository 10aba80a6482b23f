import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowRight, FileArchive, FileCheck2, ShieldCheck, TriangleAlert, X } from "lucide-react";
import { useState } from "react";
import { useAction, useProgress } from "../../api/cache";
import type { DsarBuilt } from "../../api/generated/commands";
import { isCommandError } from "../../api/host";
import { Failure } from "../../components/failure";
import { FileTarget, useTarget } from "../../components/file-target";
import { useSubmitKey } from "../../components/use-submit-key";
import { bytes, n } from "../../text/words";
import { CheckResult } from "./check-result";
import { askedOf } from "./flow";
import { Field } from "./parts";
import type { StepProps } from "./request";

/** What the command that builds calls its job. */
const JOB = "Answering";

/** The signed answer, written to a file that proves itself. */
export function Bundle({ course, request, draft, isLooked, cards, onPage, onNext }: StepProps & { onNext(): void }) {
  const [recipient, setRecipient] = useState("");
  const failure = course.failures[request.id] ?? null;
  const isRunning = course.busy === request.id;
  const name = `${request.id}.zip${recipient.trim() ? ".age" : ""}`;
  const [target, setTarget] = useTarget(name);
  useSubmitKey();
  const start = () => {
    if (target.file === "" || !isLooked || course.busy !== null) return;
    course.build(request.id, { request: { ...askedOf(request, draft, cards), keep: draft.keep, mask: draft.mask }, file: target.file, replace: target.asked, recipient }, draft);
  };
  const texts = <button type="button" className="btn sm" onClick={() => onPage("processing")}><Trans>Write them</Trans></button>;
  return (
    <>
      <section className="card" aria-labelledby="bundle-title">
        <header><h4 id="bundle-title"><Trans>The answer as a file</Trans></h4><span className="mut"><Trans>one page to begin with, all data, a proof of each file</Trans></span></header>
        <div className="pad col pvgap noprint">
          <div className="col"><span className="lab"><Trans>Into the file</Trans></span><FileTarget target={target} onTarget={setTarget} /></div>
          <Field label={t`age public key (optional; leave empty for no encryption)`} hint="age1…" value={recipient} onValue={setRecipient} />
          {isLooked && cards.length === 0 && <p className="note"><TriangleAlert /><span><Trans>No card is chosen: the answer says that nothing is held.</Trans></span></p>}
          {failure !== null && <Failure error={failure}>{isCommandError(failure) && failure.code === "refused" ? texts : null}</Failure>}
        </div>
        <footer className="act pvact">{isRunning ? <Running /> : <button type="button" className="btn pri" disabled={target.file === "" || !isLooked || course.busy !== null} onClick={start}><ShieldCheck /> <Trans>Build and sign</Trans> <span className="kbd">Ctrl</span><span className="kbd">Enter</span></button>}</footer>
      </section>
      {draft.built && <Built key={draft.built.sha256} built={draft.built} texts={texts} onNext={onNext} />}
    </>
  );
}

/** How far it is, and the way to stop it. */
function Running() {
  const progress = useProgress();
  const stop = useAction("job_stop");
  const job = progress?.job === JOB ? progress : null;
  const [done, total] = [n(job?.done ?? 0), n(job?.total ?? 0)];
  return (
    <>
      <span className="num nw" role="status">{job ? t`${done} of ${total} steps` : t`Beginning`}</span>
      <span className="prog sp"><i style={{ width: job?.total ? `${(100 * job.done) / job.total}%` : 0 }} /></span>
      <button type="button" className="btn" onClick={() => stop.mutate({ job: JOB })}><X /> <Trans>Stop</Trans></button>
    </>
  );
}

/** What was built, and whether it is what was written. */
function Built({ built, texts, onNext }: { built: DsarBuilt; texts: React.ReactNode; onNext(): void }) {
  const verify = useAction("dsar_verify");
  const { file, sha256, fingerprint, isEncrypted } = built;
  return (
    <section className="card" aria-labelledby="built-title">
      <header><FileArchive className="ok" /><h4 id="built-title"><Trans>Built and signed</Trans></h4><span className="mut num end">{bytes(built.bytes)}</span></header>
      <dl className="pvfacts pad">
        <div><dt><Trans>File</Trans></dt><dd className="mono" data-text>{file}</dd></div>
        <div><dt><Trans>SHA-256</Trans></dt><dd className="mono" data-text>{sha256}</dd></div>
        <div><dt><Trans>Signed with</Trans></dt><dd className="mono" data-text>{fingerprint}</dd></div>
        <div><dt><Trans>In it</Trans></dt><dd>{plural(built.files, { one: `${n(built.files)} file`, other: `${n(built.files)} files` })}, {plural(built.exported, { one: `${n(built.exported)} row shown`, other: `${n(built.exported)} rows shown` })}, {plural(built.withheld, { one: `${n(built.withheld)} kept back`, other: `${n(built.withheld)} kept back` })}</dd></div>
        <div><dt><Trans>Other people</Trans></dt><dd>{plural(built.masked, { one: `left out in ${n(built.masked)} place`, other: `left out in ${n(built.masked)} places` })}{built.undecided > 0 && <>, {plural(built.undecided, { one: `${n(built.undecided)} of them not looked at`, other: `${n(built.undecided)} of them not looked at` })}</>}</dd></div>
      </dl>
      {built.isUnreviewed && <div className="pad noprint"><div className="note warn"><TriangleAlert /><span className="sp"><Trans>Nobody has written yet what the law asks to be told with the data. The answer has general words there.</Trans></span>{texts}</div></div>}
      {verify.data && <CheckResult found={verify.data} />}
      {verify.error && <div className="pad"><Failure error={verify.error} /></div>}
      <footer className="noprint"><button type="button" className="btn" disabled={isEncrypted || verify.isPending} title={isEncrypted ? t`Only whoever has the key can open it` : undefined} onClick={() => verify.mutate({ file, key: "" })}><FileCheck2 /> <Trans>Check the file</Trans></button><button type="button" className="btn pri" onClick={onNext}><Trans>On to the answer</Trans> <ArrowRight className="flip" /></button></footer>
    </section>
  );
}
