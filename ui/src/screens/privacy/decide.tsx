import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Ban, CalendarPlus, Check, Undo2 } from "lucide-react";
import { useState } from "react";
import { useAction } from "../../api/cache";
import type { RequestDetailView, RequestView, StepRequest } from "../../api/generated/commands";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { capital } from "../../text/words";
import { worded } from "../../text/worded";
import { chose } from "./flow";
import { Article, Field } from "./parts";
import type { StepProps } from "./request";
import { dayWords } from "./words";

/** A step of a request, with what it has to be told. */
export function useStep(request: RequestView) {
  const step = useAction("request_step");
  const take = (what: StepRequest["step"], told: Partial<Omit<StepRequest, "id" | "step">>, after: { onSuccess?(): void; onError(error: unknown): void }) => {
    if (step.isPending) return;
    step.mutate({ id: request.id, step: what, how: "", check: null, ground: null, text: "", outcome: "", cards: null, ...told }, after);
  };
  return { take, isPending: step.isPending };
}

interface Props {
  request: RequestView;
  onClose(): void;
}

/** It will not be done: only on a ground that the law knows, which the person is told. */
export function Refuse({ request, grounds, onClose }: Props & { grounds: RequestDetailView["grounds"] }) {
  const { take, isPending } = useStep(request);
  const toast = useToast();
  const [ground, setGround] = useState("");
  const [text, setText] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const start = () => take("refuse", { ground, text }, { onSuccess: () => { onClose(); toast(t`The request is refused. Tell the person why.`); }, onError: setFailure });
  return (
    <Dialog title={t`Refuse this request?`} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn dgr" disabled={ground === "" || isPending}><Ban /> <Trans>Refuse</Trans></button></>}>
      <fieldset className="pvgrounds">
        <legend className="lab"><Trans>On what the refusal rests</Trans></legend>
        {grounds.map(([key, said, article]) => (
          <label key={key} className={`pvpick ${key === ground ? "on" : ""}`}>
            <input type="radio" name="ground" className="visually-hidden" checked={key === ground} onChange={() => setGround(key)} />
            <span className={`check rad ${key === ground ? "on" : ""}`} aria-hidden /><span className="sp">{capital(worded(said))}</span><span className="mut nw t12"><Article article={article} /></span>
          </label>
        ))}
      </fieldset>
      <Field label={t`In words, for the letter`} area value={text} onValue={setText} />
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

/** Two months more, once and within the first. The person is told why. */
export function Extend({ request, onClose }: Props) {
  const extend = useAction("request_extend");
  const toast = useToast();
  const [reason, setReason] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const start = () => reason.trim() && !extend.isPending && extend.mutate({ id: request.id, reason }, { onSuccess: ({ due }) => { onClose(); toast(t`The answer is due by ${{ day: dayWords(due) }}. Tell the person why.`); }, onError: setFailure });
  return (
    <Dialog title={t`Two months more?`} width={480} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!reason.trim() || extend.isPending}><CalendarPlus /> <Trans>Take two months more</Trans> <span className="kbd">Enter</span></button></>}>
      <p className="mut"><Trans>The law allows it once, when a request is complex or many came (Art. 12(3)). The person has to be told within the first month.</Trans></p>
      <Field label={t`Why it takes longer`} value={reason} onValue={setReason} />
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

/** The person does not want it any more. */
export function Withdraw({ request, onClose }: Props) {
  const { take, isPending } = useStep(request);
  const toast = useToast();
  const [failure, setFailure] = useState<unknown>(null);
  const start = () => take("withdraw", {}, { onSuccess: () => { onClose(); toast(t`The request is taken back`); }, onError: setFailure });
  return (
    <Dialog title={t`Does the person take it back?`} width={460} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={isPending}><Undo2 /> <Trans>It is taken back</Trans></button></>}>
      <p><Trans>The request is closed. What it had restricted is free again, and the register keeps that it was there.</Trans></p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

/** The decision: what may be done now, as the engine says. */
export function Decision({ request, detail: { grounds }, onDraft, isLooked, cards, says, disabled = false }: Pick<StepProps, "request" | "detail" | "onDraft" | "isLooked" | "cards"> & { says: string; disabled?: boolean }) {
  const { take, isPending } = useStep(request);
  const [refusing, setRefusing] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const { decidedBy } = request;
  const may = (step: StepRequest["step"]) => request.steps.includes(step);
  // What was looked at is what is frozen, and nothing that came since.
  const approve = () => take("approve", { cards }, { onSuccess: () => onDraft((now) => chose(now, { cards })), onError: setFailure });
  return (
    <section className="card" aria-labelledby="decision-title">
      <header><h4 id="decision-title"><Trans>Decision</Trans></h4><span className="mut end">{capital(worded(request.stands))}</span></header>
      <div className="pad col pvgap">
        <p>{says}</p>
        {request.ground && <p className="note"><Ban /><span>{capital(worded(request.ground[0]))} (<Article article={request.ground[1]} />). <bdi>{request.decision}</bdi></span></p>}
        {decidedBy && <p className="t12 mut"><Trans>Decided by <bdi>{decidedBy}</bdi></Trans></p>}
        {failure !== null && <Failure error={failure} />}
        {!may("approve") && request.state === "received" && <p className="mut"><Trans>Confirm identity first.</Trans></p>}
        <div className="row noprint">
          {may("approve") && <button type="button" className="btn pri" disabled={disabled || !isLooked || isPending} onClick={approve}><Check /> <Trans>Approve</Trans></button>}
          {may("refuse") && <button type="button" className="btn dgr" onClick={() => setRefusing(true)}><Ban /> <Trans>Refuse</Trans></button>}
        </div>
      </div>
      {refusing && <Refuse request={request} grounds={grounds} onClose={() => setRefusing(false)} />}
    </section>
  );
}
