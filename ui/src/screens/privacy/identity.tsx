import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { BadgeCheck, Ban, ShieldQuestion } from "lucide-react";
import { useState } from "react";
import type { StepRequest } from "../../api/generated/commands";
import { Failure } from "../../components/failure";
import { worded } from "../../text/worded";
import { Refuse, useStep } from "./decide";
import { Field } from "./parts";
import type { StepProps } from "./request";

type Way = NonNullable<StepRequest["check"]> | "other";
/** Ways to make sure who asks, the mildest first: no more may be asked than is needed. */
const WAYS: [Way, MessageDescriptor][] = [
  ["channel", msg`Wrote from an address or a number that stands on the card`], ["login", msg`Was signed in`], ["code", msg`Gave back a code that was sent to an address on the card`], ["document", msg`Showed a document, of which no copy is kept`], ["other", msg`In another way`],
];

/** Who asks is made sure, before anything is told or deleted. */
export function Identity({ request, detail, onNext }: StepProps & { onNext(): void }) {
  const { take, isPending } = useStep(request);
  // Nothing is said for a person who has not looked yet.
  const [way, setWay] = useState<Way | "">("");
  const [more, setMore] = useState("");
  const [refusing, setRefusing] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const how = more.trim();
  const isReady = way === "other" ? how !== "" : way !== "";
  const start = () => isReady && take("prove_identity", { how, check: way === "other" || way === "" ? null : way }, { onError: setFailure });
  if (!request.steps.includes("prove_identity"))
    return (
      <section className="card"><div className="pad col pvgap">
        {request.identityHow
          ? <p className="row"><BadgeCheck className="ok" /> <bdi>{worded(request.identityHow)}</bdi></p>
          : <p className="row mut"><ShieldQuestion /> <Trans>How identity was checked is not in the register any more, or never was.</Trans></p>}
        <div className="row noprint"><button type="button" className="btn" onClick={onNext}><Trans>Go on</Trans></button></div>
      </div></section>
    );
  return (
    <section className="card">
      <form className="pad col pvgap" onSubmit={(event) => { event.preventDefault(); start(); }}>
        <fieldset className="pvgrounds">
          <legend className="lab"><Trans>How identity was checked</Trans></legend>
          {WAYS.map(([key, said]) => (
            <label key={key} className={`pvpick ${key === way ? "on" : ""}`}>
              <input type="radio" name="way" className="visually-hidden" checked={key === way} onChange={() => setWay(key)} />
              <span className={`check rad ${key === way ? "on" : ""}`} aria-hidden /><span className="sp">{i18n._(said)}</span>
            </label>
          ))}
        </fieldset>
        <Field label={t`Details`} hint={t`Passport seen on 20 November`} value={more} onValue={setMore} />
        {failure !== null && <Failure error={failure} />}
        <div className="row">
          <button type="submit" className="btn pri" disabled={!isReady || isPending}><BadgeCheck /> <Trans>Confirm identity</Trans></button>
          <button type="button" className="btn dgr" onClick={() => setRefusing(true)}><Ban /> <Trans>Refuse</Trans></button>
          <span className="t12 mut"><Trans>The time for the answer goes on meanwhile.</Trans></span>
        </div>
      </form>
      {refusing && <Refuse request={request} grounds={detail.grounds} onClose={() => setRefusing(false)} />}
    </section>
  );
}
