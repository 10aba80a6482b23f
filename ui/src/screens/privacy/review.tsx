import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Hand, TriangleAlert } from "lucide-react";
import { useCommand } from "../../api/cache";
import { Failure } from "../../components/failure";
import { capital, moment, n } from "../../text/words";
import { worded } from "../../text/worded";
import { Coverage } from "./coverage";
import { Decision } from "./decide";
import { askedOf } from "./flow";
import type { StepProps } from "./request";
import { ThirdPersons } from "./third-persons";
import { cardsOf } from "./words";

/** What there is, looked at before it is decided. */
export function Review(props: StepProps) {
  const { request } = props;
  switch (request.right) {
    case "access":
    case "portability":
      return <ReviewAnswer {...props} />;
    case "erasure":
      return <ReviewErasure {...props} />;
    case "restriction":
      return <Decision {...props} says={t`Approved, these cards are kept and not used from then on: not in views with a name, exports, rules and connections.`} />;
    case "objection":
      return <Decision {...props} says={t`Approved, these cards are not used any more for the purpose, or for every purpose that can be objected to.`} />;
    case "rectification":
      return <Decision {...props} says={t`Approved, the card is corrected, and whoever got the wrong value is told.`} />;
  }
}

function ReviewAnswer(props: StepProps) {
  const { request, draft, cards } = props;
  const preview = useCommand("dsar_preview", askedOf(request, draft, cards));
  return (
    <>
      {preview.error && <Failure error={preview.error} />}
      {!preview.data && !preview.error && <div className="card" aria-busy="true"><p className="pad mut" role="status"><Trans>Everything that is held is being looked through</Trans></p></div>}
      {preview.data && (
        <>
          <ThirdPersons {...props} people={preview.data.people} />
          <Coverage {...props} preview={preview.data} />
        </>
      )}
      <Decision {...props} disabled={!preview.data || preview.isPlaceholderData} says={t`Approved, the answer is built from what is shown here.`} />
    </>
  );
}

/** What an erasure would take away, and what would stop it. */
function ReviewErasure(props: StepProps) {
  const { cards, isLooked } = props;
  const preview = useCommand("erasure_preview", { ids: cards }, cards.length > 0);
  // What is shown is what these cards hold, and not what those before did.
  const seen = cards.length > 0 && !preview.isPlaceholderData ? preview.data : undefined;
  const { cards: here = [], removed_cards: removed = 0, shared_spaces: shared = 0, held = null, kinds = [], recipients = [] } = seen ?? {};
  const [by, since] = held ? [held.author, moment(new Date(held.at))] : ["", ""];
  return (
    <>
      {preview.error && cards.length > 0 && <Failure error={preview.error} />}
      {held && (
        <div className="note bad" role="alert"><Hand />
          <span className="sp"><b className="w5"><Trans>This card is on hold: it cannot be erased</Trans></b><br /><bdi>{held.reason}</bdi><br /><span className="t12 mut"><Trans>by <bdi>{by}</bdi>, since {since}. Refuse the request with this reason (Art. 17(3)), or lift the hold first.</Trans></span></span></div>
      )}
      {!seen && !preview.error && (cards.length > 0 || !isLooked) && <div className="card" aria-busy="true"><p className="pad mut" role="status"><Trans>Everything that is held is being looked through</Trans></p></div>}
      {(seen || (isLooked && cards.length === 0)) && <section className="card" aria-labelledby="goes-title">
        <header><h4 id="goes-title"><Trans>What goes</Trans></h4><span className="mut"><Trans>and cannot be brought back</Trans></span></header>
        {cards.length === 0 ? <p className="pad mut"><Trans>No card is chosen: there is nothing to erase.</Trans></p> : (
          <dl className="pvfacts pad">
            <div><dt><Trans>Cards</Trans></dt><dd className="w5">{cardsOf(here.length)}</dd></div>
            {removed > 0 && <div><dt><Trans>In the history only</Trans></dt><dd>{cardsOf(removed)}</dd></div>}
            {kinds.map(([kind, amount]) => <div key={kind.template}><dt>{capital(worded(kind))}</dt><dd className="num">{n(amount)}</dd></div>)}
          </dl>
        )}
      </section>}
      {seen && (
        <section className="card" aria-labelledby="told-title">
          <header><h4 id="told-title"><Trans>Who is told</Trans></h4></header>
          <div className="pad col pvgap">
            {recipients.length > 0 ? <p><bdi>{[...new Set(recipients)].join(", ")}</bdi></p> : <p className="mut"><Trans>No connection has a record of this person.</Trans></p>}
            {shared > 0 && <p className="note warn"><TriangleAlert /><span>{plural(shared, { one: `${n(shared)} space stays: it stands on cards of others as well. The receipt says so.`, other: `${n(shared)} spaces stay: they stand on cards of others as well. The receipt says so.` })}</span></p>}
            <p className="t12 mut"><Trans>They do not come back: fingerprints that name nobody are kept, and nothing else. Imports, connections and other programs are turned away by them.</Trans></p>
          </div>
        </section>
      )}
      <Decision {...props} disabled={held !== null || (cards.length > 0 && !seen)} says={t`Approved, the cards are frozen: nothing of them is used or sent until they are erased.`} />
    </>
  );
}
