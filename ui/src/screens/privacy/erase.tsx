import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowRight, Check, Loader, Trash2, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useAction, useProgress } from "../../api/cache";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { n } from "../../text/words";
import { ReceiptCard, useReceipt } from "./receipt";
import type { StepProps } from "./request";
import { cardsOf } from "./words";

/** What the command that erases calls its job. */
const JOB = "Erasing";

/** The deed of an erasure: confirmed by typing who it is, then its receipt, which goes on by itself. */
export function EraseStep({ course, request, detail, draft, isLooked, cards, found, onNext }: StepProps & { onNext(): void }) {
  const { receipt, failure: unread } = useReceipt(detail.erasure);
  const [asking, setAsking] = useState(false);
  const failure = course.failures[request.id] ?? null;
  const isRunning = course.busy === request.id;
  const amount = cardsOf(cards.length);
  const isNothing = isLooked && cards.length === 0;
  const mayErase = isLooked && cards.length > 0 && request.state === "approved" && course.busy === null;
  const start = (typed: string) => void course.erase(request.id, { ids: cards, confirm: typed, request: request.id });
  // What was asked about is done: nothing is left to be confirmed.
  const ran = useRef(false);
  useEffect(() => {
    if (ran.current && !isRunning && failure === null) setAsking(false);
    ran.current = isRunning;
  }, [isRunning, failure]);
  /** What the first of the cards is called: that is typed. */
  const nameOf = () => [...detail.cards, ...found, ...draft.added].find((card) => card?.id === cards[0])?.name;
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
        {isRunning && !asking && <Progress />}
        {failure !== null && !asking && <Failure error={failure} />}
        {isNothing && <p className="note" role="status"><Trans>Nothing is held. Close the request and tell the person.</Trans></p>}
      </div>
      <footer><button type="button" className="btn dgr" disabled={!mayErase} onClick={() => { course.forget(request.id); setAsking(true); }}><Trash2 /> <Trans>Erase {amount}</Trans></button>{isNothing && <button type="button" className="btn pri" onClick={onNext}><Trans>On to the answer</Trans> <ArrowRight className="flip" /></button>}</footer>
      {asking && <Confirm subject={nameOf() || request.subject} onTyped={() => course.forget(request.id)} amount={cards.length} isRunning={isRunning} failure={failure} onClose={() => setAsking(false)} onConfirm={start} />}
    </section>
  );
}

interface ConfirmProps {
  subject: string;
  amount: number;
  isRunning: boolean;
  failure: unknown;
  onTyped(): void;
  onClose(): void;
  onConfirm(typed: string): void;
}

/** Whoever erases types who it is. Whether that is right the engine says. */
function Confirm({ subject, amount, isRunning, failure, onTyped, onClose, onConfirm }: ConfirmProps) {
  const [typed, setTyped] = useState("");
  const erased = cardsOf(amount);
  return (
    <Dialog title={t`Erase ${erased} for good?`} width={480} onClose={onClose} onSubmit={() => typed.trim() && onConfirm(typed.trim())}
      buttons={<><button type="button" className="btn" onClick={onClose}>{isRunning ? t`Close` : t`Keep them`}</button><button type="submit" className="btn dgrf" disabled={!typed.trim() || isRunning}><Trash2 /> <Trans>Erase for good</Trans></button></>}>
      <p><Trans>This cannot be undone. Type <b><bdi data-text>{subject}</bdi></b>, or an email, phone or ID on the card.</Trans></p>
      <label className="col"><span className="lab"><Trans>Who is erased</Trans></span><span className="inp"><input aria-label={t`Who is erased`} autoComplete="off" spellCheck={false} readOnly={isRunning} value={typed} onChange={(event) => { setTyped(event.target.value); onTyped(); }} /></span></label>
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
