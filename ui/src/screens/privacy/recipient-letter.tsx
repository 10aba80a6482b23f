import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check } from "lucide-react";
import { useCommand } from "../../api/cache";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { Paper, Print } from "../../components/paper";
import { moment } from "../../text/words";

/** A letter to a recipient that no program reaches (Art. 19): it names the record and not the person. */
export function RecipientLetter({ delivery, onClose, onTold }: { delivery: string; onClose(): void; onTold(): void }) {
  const letter = useCommand("erasure_letter", { id: delivery });
  const { name = "", external_id: id = null, key = null } = letter.data ?? {};
  const today = moment(new Date());
  const words = (
    <>
      <p><bdi>{name}</bdi></p>
      <p>{today}</p>
      <p><Trans>We have erased a person at their request (GDPR, Art. 17). You got data of this person from us. Please erase the record below, and tell us when it is done (Art. 19).</Trans></p>
      {id && <p><Trans>Your number for the record: <bdi className="mono">{id}</bdi></Trans></p>}
      {key && <p><Trans>Its address: <bdi className="mono">{key}</bdi></Trans></p>}
      {letter.data && !id && !key && <p><Trans>By what you know the person is not kept here any more.</Trans></p>}
    </>
  );
  return (
    <Dialog title={t`Letter to ${name}`} onClose={onClose} onSubmit={onTold}
      buttons={<><Print /><span className="sp" /><button type="button" className="btn" onClick={onClose}><Trans>Later</Trans></button><button type="submit" className="btn pri" disabled={!letter.data}><Check /> <Trans>It was sent</Trans></button></>}>
      {letter.error ? <Failure error={letter.error} /> : <div className="pvletter" data-text>{words}</div>}
      <p className="t12 mut"><Trans>Once it was sent, the number of the record is forgotten here.</Trans></p>
      <Paper>{words}</Paper>
    </Dialog>
  );
}
