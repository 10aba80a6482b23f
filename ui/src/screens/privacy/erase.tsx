import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowRight, Check, Loader, Trash2, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { useAction, useProgress } from "../../api/cache";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { contacts, n } from "../../text/words";
import { NO_DRAFT } from "./flow";
import { ReceiptCard, useReceipt } from "./receipt";
import type { StepProps } from "./request";
import { cardsOf } from "./words";

/** What the command that erases calls its job. */
const JOB = "Erasing";

/** The deed of an erasure: confirmed by typing who it is, then its receipt, which goes on by itself. */
export function EraseStep({ request, detail, onDraft, cards, onNext }: StepProps & { onNext(): void }) {
  const { receipt, failure: unread } = useReceipt(detail.erasure);
  const run = useAction("erasure_run");
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const amount = cardsOf(cards.length);
  const mayErase = cards.length > 0 && request.state === "approved";
  const start = (typed: string) => {
    if (run.isPending) return;
    setFailure(null);
    // What was chosen names the person; it goes with them.
    run.mutate({ ids: cards, confirm: typed, request: request.id }, { onSuccess: () => { setAsking(false); onDraft(NO_DRAFT); }, onError: setFailure });
  };
  const isErased = receipt !== undefined;
  // The button that did it is gone: the keyboard goes on at the step.
  useEffect(() => {
    if (isErased && document.activeElement === document.body) document.querySelector<HTMLElement>(".pvstep")?.focus();
  }, [isErased]);
  if (unread) return <Failure error={unread} />;
  if (detail.erasure !== null && !receipt) return <div className="card" aria-busy="true" />;
  if (receipt)
    return (
      <>
        <ReceiptCard receipt={receipt} />
        <div className="row noprint"><button type="button" className="btn pri" onClick={onNext}><Trans>On to the answer</Trans> <ArrowRight className="flip" /></button></div>
      </>
    );
  return (
    <section className="card" aria-labelledby="erase-title">
      <header><h4 id="erase-title"><Trans>Erase for good</Trans></h4></header>
      <div className="pad col pvgap">
        <p><Trans>The cards go with everything on them: texts, files, history, what is kept for undo. Nothing of it can be undone, not even from a backup.</Trans></p>
        <p className="note warn"><TriangleAlert /><span><Trans>The register forgets who asked, too. Write the letter first, or keep the address of the person elsewhere.</Trans></span></p>
        {cards.length === 0 && <p className="mut" role="status"><Trans>No card is chosen: there is nothing to erase.</Trans></p>}
      </div>
      <footer><button type="button" className="btn dgr" disabled={!mayErase} onClick={() => { setFailure(null); setAsking(true); }}><Trash2 /> <Trans>Erase {amount}</Trans></button></footer>
      {asking && <Confirm subject={request.subject} amount={cards.length} isRunning={run.isPending} failure={failure} onClose={() => setAsking(false)} onConfirm={start} />}
    </section>
  );
}

interface ConfirmProps {
  subject: string;
  amount: number;
  isRunning: boolean;
  failure: unknown;
  onClose(): void;
  onConfirm(typed: string): void;
}

/** Whoever erases types who it is. Whether that is right the engine says. */
function Confirm({ subject, amount, isRunning, failure, onClose, onConfirm }: ConfirmProps) {
  const [typed, setTyped] = useState("");
  const erased = contacts(amount);
  return (
    <Dialog title={t`Erase ${erased} for good?`} width={480} onClose={onClose} onSubmit={() => typed.trim() && onConfirm(typed.trim())}
      buttons={<><button type="button" className="btn" onClick={onClose}>{isRunning ? t`Close` : t`Keep them`}</button><button type="submit" className="btn dgrf" disabled={!typed.trim() || isRunning}><Trash2 /> <Trans>Erase for good</Trans></button></>}>
      <p><Trans>This cannot be undone. Type <b><bdi data-text>{subject}</bdi></b> to confirm.</Trans></p>
      <label className="col"><span className="lab"><Trans>Who is erased</Trans></span><span className="inp"><input aria-label={t`Who is erased`} autoComplete="off" spellCheck={false} readOnly={isRunning} value={typed} onChange={(event) => setTyped(event.target.value)} /></span></label>
      {isRunning && <Progress />}
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

/** Where the deed stands, while it is done. */
function Progress() {
  const progress = useProgress();
  const stop = useAction("job_stop");
  const job = progress?.job === JOB ? progress : null;
  const isDeleted = job !== null && job.done >= job.total && job.total > 0;
  const [done, total] = [n(job?.done ?? 0), n(job?.total ?? 0)];
  return (
    <div role="status"><ol className="pvlive">
      <li>{isDeleted ? <Check className="ok" /> : <Loader className="acc" />} <span>{isDeleted ? t`Deleted through every table` : job ? t`Deleting, ${done} of ${total}` : t`Deleting`}</span></li>
      <li className={isDeleted ? "" : "mut"}>{isDeleted && <Loader className="acc" />} <span className="sp"><Trans>The journal is emptied and every file is looked through</Trans></span>
        {isDeleted && <button type="button" className="btn sm" title={t`Another program may still read old pages; it is finished later by itself`} onClick={() => stop.mutate({ job: JOB })}><Trans>Do not wait</Trans></button>}</li>
    </ol></div>
  );
}
