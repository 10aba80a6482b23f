import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowRight, Pencil } from "lucide-react";
import type { StepProps } from "./request";

/** A correction is made on the card; connections send it on. */
export function Correct({ request, detail, onContact, onNext }: StepProps & { onNext(): void }) {
  return (
    <section className="card" aria-label={t`Correct`}>
      <div className="pad col pvgap">
        <p><Trans>Correct what is wrong on the card. Every connection that has the field gets the correction with its next run.</Trans></p>
        {request.note && <p className="note"><bdi>{request.note}</bdi></p>}
        <ul className="pvcards">
          {detail.cards.map((card) => card && <li key={card.id}><b className="w5 sp ell"><bdi>{card.name}</bdi></b><button type="button" className="btn sm" aria-label={t`Open ${{ name: card.name }}`} onClick={() => onContact(card.id)}><Pencil /> <Trans>Open</Trans></button></li>)}
        </ul>
      </div>
      <footer><button type="button" className="btn pri" onClick={onNext}><Trans>It is corrected</Trans> <ArrowRight className="flip" /></button></footer>
    </section>
  );
}
