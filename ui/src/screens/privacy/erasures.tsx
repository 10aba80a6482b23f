import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Search, Trash2, Undo2, UserX } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { Receipt } from "../../api/generated/commands";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { useListKeys } from "../../components/use-list-keys";
import { useSettled } from "../../components/use-settled";
import { moment, n } from "../../text/words";
import { Sheet } from "./parts";
import { ReceiptCard } from "./receipt";
import { erasureWord } from "./words";

/** The receipts of all erasures, and who is kept away by them. */
export function Erasures() {
  const list = useCommand("erasure_list", {});
  const [chosen, setChosen] = useState<string | null>(null);
  const all = list.data?.erasures ?? [];
  const shown = all.find(({ erasure }) => erasure === chosen) ?? all[0];
  const onKey = useListKeys("era-", all.map(({ erasure }) => erasure), shown?.erasure, setChosen);
  return (
    <Sheet title={t`Erasures`} about={list.data ? plural(all.length, { one: `${n(all.length)} receipt`, other: `${n(all.length)} receipts` }) : ""}>
      {list.error && <div className="page"><Failure error={list.error} /></div>}
      <div className="scroll pvpage pvleft">
        <div className="colm">
          <KeptAway onShow={setChosen} />
          {all.length > 0 && (
            <section className="card noprint" aria-labelledby="receipts-title">
              <header><h3 id="receipts-title"><Trans>Receipts</Trans></h3></header>
              <ul className="pvlist" onKeyDown={onKey}>{all.map((one) => <li key={one.erasure}><Row one={one} number={list.data?.numbers[one.erasure] ?? ""} isOn={one === shown} onChoose={() => setChosen(one.erasure)} /></li>)}</ul>
            </section>
          )}
        </div>
        <div className="colm">
          {shown && <ReceiptCard key={shown.erasure} receipt={shown} />}
          {list.data && all.length === 0 && <div className="empty"><Trash2 /><p className="t14"><Trans>Nobody was erased.</Trans></p><p className="mut"><Trans>An erasure begins with a request. Its receipt stands here and says nothing of who it was.</Trans></p></div>}
        </div>
      </div>
    </Sheet>
  );
}

function Row({ one, number, isOn, onChoose }: { one: Receipt; number: string; isOn: boolean; onChoose(): void }) {
  const [look, word] = erasureWord(one);
  return (
    <button type="button" id={`era-${one.erasure}`} className={`pvitem ${isOn ? "on" : ""}`} aria-current={isOn || undefined} onClick={onChoose}>
      <span className="col sp"><b className="w5 num">{moment(new Date(one.facts.erased_at))}</b><span className="t12 mut num ell">{number}</span></span>
      {one.lifted_at ? <span className="bdg"><Trans>Lifted</Trans></span> : <span className={`bdg ${look}`}>{word}</span>}
    </button>
  );
}

/** Whether somebody is kept away, by what they tell; and letting them come back. */
function KeptAway({ onShow }: { onShow(erasure: string): void }) {
  const [text, setText] = useState("");
  const wanted = useSettled(text.trim());
  const found = useCommand("suppression_find", { text: wanted }, wanted !== "");
  const [lifting, setLifting] = useState<string | null>(null);
  const isCurrent = wanted === text.trim() && !found.isPlaceholderData;
  const erasures = wanted !== "" && isCurrent ? found.data?.erasures : undefined;
  return (
    <section className="card noprint" aria-labelledby="away-title">
      <header><h3 id="away-title"><Trans>Erased-person check</Trans></h3></header>
      <div className="pad col pvgap">
        <label className="inp"><Search /><input aria-label={t`Email or phone of the person`} placeholder={t`An email or a phone`} value={text} onChange={(event) => setText(event.target.value)} /></label>
        {wanted !== "" && isCurrent && found.error && <Failure error={found.error} />}
        {erasures?.length === 0 && <p className="mut" role="status"><Trans>Nobody of this email or phone is kept away.</Trans></p>}
        {erasures?.map((id) => (
          <div key={id} className="row"><UserX className="warn" /><button type="button" className="linkb mono ell sp" data-text onClick={() => onShow(id)}>{id}</button><button type="button" className="btn sm" aria-label={t`Allow back the person of ${id}`} onClick={() => setLifting(id)}><Undo2 /> <Trans>Allow back</Trans></button></div>
        ))}
        {!erasures && <p className="t12 mut"><Trans>The text is hashed with a key and compared; it is not kept.</Trans></p>}
      </div>
      {lifting && <Lifting erasure={lifting} onClose={() => setLifting(null)} />}
    </section>
  );
}

/** Somebody who was erased wants to be here again. */
function Lifting({ erasure, onClose }: { erasure: string; onClose(): void }) {
  const lift = useAction("suppression_lift");
  const toast = useToast();
  const [failure, setFailure] = useState<unknown>(null);
  const start = () => !lift.isPending && lift.mutate({ id: erasure }, { onSuccess: ({ count }) => { onClose(); toast(plural(count, { one: `${n(count)} fingerprint removed: the person can come back`, other: `${n(count)} fingerprints removed: the person can come back` })); }, onError: setFailure });
  return (
    <Dialog title={t`May this person come back?`} width={460} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Keep them away</Trans></button><button type="submit" className="btn pri" disabled={lift.isPending}><Undo2 /> <Trans>Allow back</Trans></button></>}>
      <p><Trans>Only when they want it themselves. What was erased does not come back; imports, connections and other programs may bring the person anew from then on.</Trans></p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
