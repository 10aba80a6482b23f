import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, CircleAlert, CircleCheck } from "lucide-react";
import { useState } from "react";
import { Failure } from "../../components/failure";
import { capital } from "../../text/words";
import { worded } from "../../text/worded";
import { useStep } from "./decide";
import { Field } from "./parts";
import { ReceiptCard, useReceipt } from "./receipt";
import type { StepProps } from "./request";
import { erasureWord, letterWord } from "./words";

/** The end of a request: the person is told, and the register says what came of it. */
export function Answer({ request, detail, cards, isLooked }: StepProps) {
  const { take, isPending } = useStep(request);
  const [text, setText] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const { receipt } = useReceipt(detail.erasure);
  const may = request.steps.includes("finish");
  const { outcome } = request;
  const isUnerased = request.right === "erasure" && outcome === "" && (cards.length > 0 || !isLooked);
  const isNothing = request.right === "erasure" && outcome === "" && !isUnerased;
  const finish = (step: "finish" | "finish_with_exceptions") => take(step, { text: text.trim() }, { onError: setFailure });
  const sent = detail.trail.filter(({ event }) => event === "letter_sent").map(({ facts }) => letterWord(String(facts.letter ?? "")));
  const letters = [...new Set(sent)].join(", ");
  const standing = receipt ? erasureWord(receipt)[1] : "";
  return (
    <>
      <section className="card" aria-labelledby="answer-title">
        <header>{request.light === "done" ? <CircleCheck className="ok" /> : <CircleAlert className="acc" />}<h4 id="answer-title"><Trans>What came of it</Trans></h4><span className="mut end">{capital(worded(request.stands))}</span></header>
        <div className="pad col pvgap">
          {letters ? <p><Trans>Letters sent: {letters}</Trans></p> : <p className="mut"><Trans>No letter was sent yet. Letters stand beside this.</Trans></p>}
          {request.decision && <p className="note"><bdi>{request.decision}</bdi></p>}
          {request.outcome && <p className="row"><span className="mut"><Trans>Outcome</Trans></span> <span className="mono pvhash" data-text>{request.outcome}</span></p>}
          {may && (
            <>
              {isNothing && <p className="note"><CircleCheck /><span><Trans>Nothing is held. Close the request and tell the person.</Trans></span></p>}
              {request.needsOutcome && outcome === "" && !isNothing && <p className="note warn"><CircleAlert /><span>{request.right === "erasure" ? t`Nothing was erased yet.` : t`No file was built for this request. The register would not say which file was the answer.`}</span></p>}
              {receipt && receipt.ended_at === null && <p className="note"><CircleAlert /><span><Trans>{standing}. The receipt goes on by itself when the request is closed.</Trans></span></p>}
              <Field label={t`What was not done, and why`} area value={text} onValue={setText} />
              {failure !== null && <Failure error={failure} />}
              <div className="row noprint">
                <button type="button" className="btn pri" disabled={isPending || isUnerased} onClick={() => finish("finish")}><Check /> <Trans>Close as done</Trans></button>
                <button type="button" className="btn" disabled={isPending || text.trim() === ""} onClick={() => finish("finish_with_exceptions")}><Trans>Close with exceptions</Trans></button>
              </div>
            </>
          )}
        </div>
      </section>
      {receipt && <ReceiptCard receipt={receipt} />}
    </>
  );
}
