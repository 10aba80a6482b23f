import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useCommand } from "../../api/cache";
import type { RestrictionView } from "../../api/generated/commands";
import { Failure } from "../../components/failure";
import { Print } from "../../components/paper";
import { Lift, RESTRICTION_ICONS } from "../../components/person-privacy";
import { day } from "../../text/words";
import { Sheet } from "./parts";
import { PersonFinder } from "./person-finder";
import { cardsOf, sortWord } from "./words";

/** Cards that may be kept and not used, not used for a purpose, or not deleted. */
export function Restrictions({ onContact }: { onContact(id: string): void }) {
  const list = useCommand("restriction_list", {});
  const purposes = useCommand("purpose_list", {});
  const [lifting, setLifting] = useState<RestrictionView | null>(null);
  const cards = list.data?.cards ?? [];
  const purposeOf = (key: string) => purposes.data?.purposes.find((one) => one.key === key)?.name ?? key;
  return (
    <Sheet title={t`Restrictions and holds`} about={list.data ? cardsOf(cards.length) : ""} tools={<Print />}>
      <div className="scroll pvwhole">
        {list.error && <Failure error={list.error} />}
        <section className="card" aria-labelledby="restricted-title">
          <header><h3 id="restricted-title"><Trans>In force</Trans></h3><span className="mut"><Trans>enforced in views with a name, exports, rules, connections and retention</Trans></span></header>
          {!list.data ? <p className="pad mut" role="status">{list.error ? t`Nothing could be read.` : t`Reading`}</p> : cards.length === 0 ? <p className="pad mut"><Trans>No card is restricted, and none is on hold.</Trans></p> : (
            <table className="tbl pvwide">
              <thead><tr><th scope="col"><Trans>Contact</Trans></th><th scope="col"><Trans>What holds</Trans></th><th scope="col"><Trans>Why</Trans></th><th scope="col"><Trans>Since</Trans></th><th scope="col"><span className="visually-hidden"><Trans>Change</Trans></span></th></tr></thead>
              <tbody>
                {cards.flatMap(({ contact, name, restrictions }) => restrictions.map((one) => {
                  const Icon = RESTRICTION_ICONS[one.sort];
                  const what = sortWord(one.sort);
                  return (
                    <tr key={one.id}>
                      <td><button type="button" className="linkb ell" onClick={() => onContact(contact)}><bdi>{name}</bdi></button></td>
                      <td><span className="row"><Icon className="warn" /> <span className="ell">{what}{one.purpose && <>: <bdi>{purposeOf(one.purpose)}</bdi></>}</span></span></td>
                      <td><bdi>{one.reason}</bdi></td>
                      <td className="num">{day(new Date(one.at))}</td>
                      <td className="r"><button type="button" className="btn sm" aria-label={t`Lift for ${name}: ${what}`} onClick={() => setLifting(one)}><Trans>Lift</Trans></button></td>
                    </tr>
                  );
                }))}
              </tbody>
            </table>
          )}
        </section>
        <PersonFinder id="restrict-title" title={t`Restrict or hold a card`} label={t`Whose card`} hint={t`An email, a phone, an ID or a name`} onContact={onContact} />
      </div>
      {lifting && <Lift restriction={lifting} onClose={() => setLifting(null)} />}
    </Sheet>
  );
}
