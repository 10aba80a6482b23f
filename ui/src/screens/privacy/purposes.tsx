import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Handshake, Plus } from "lucide-react";
import { useState } from "react";
import { useCommand } from "../../api/cache";
import type { PurposeParts, PurposeView } from "../../api/generated/commands";
import { Failure } from "../../components/failure";
import { Print } from "../../components/paper";
import { useListKeys } from "../../components/use-list-keys";
import { n } from "../../text/words";
import type { Typed } from "./course";
import { Sheet } from "./parts";
import { PersonFinder } from "./person-finder";
import { Purpose } from "./purpose";
import { basisWord } from "./words";

const NEW: PurposeParts = { id: "", key: "", name: "", basis: "consent", marketing: false, description: "", ground: "", subjects: "", data: "", keptFor: "" };

/** What contacts are used for and why the law lets it be; what people said of it; and the consent of one person. */
export function Purposes({ typed, onContact }: { typed: Typed<PurposeParts>; onContact(id: string): void }) {
  const list = useCommand("purpose_list", {});
  const { drafts, put } = typed;
  // A new purpose that somebody began is in front again.
  const [chosen, setChosen] = useState<string | null>("" in drafts ? "" : null);
  const all = list.data?.purposes ?? [];
  const kept = chosen === "" ? undefined : (all.find(({ id }) => id === chosen) ?? all[0]);
  const shown = kept ?? (chosen === "" ? NEW : null);
  const id = kept?.id ?? "";
  // What is saved is read again before what was typed goes: nothing old is shown in between.
  const onKept = (saved: string) => void list.refetch().then(() => { put(id, null); setChosen(saved); });
  const onKey = useListKeys("pur-", all.map((one) => one.id), kept?.id, setChosen);
  return (
    <Sheet title={t`Purposes and consent`} about={list.data ? plural(all.length, { one: `${n(all.length)} purpose`, other: `${n(all.length)} purposes` }) : ""}
      tools={<><Print /><button type="button" className="btn pri" onClick={() => setChosen("")}><Plus /> <Trans>New purpose</Trans></button></>}>
      {list.error && <div className="page"><Failure error={list.error} /></div>}
      <div className="scroll pvpage pvleft">
        <div className="colm">
          <section className="card" aria-labelledby="purposes-title">
            <header><h3 id="purposes-title"><Trans>Purposes</Trans></h3></header>
            {list.data && all.length === 0 && <p className="pad mut"><Trans>Contacts are used for nothing that anybody said yet.</Trans></p>}
            <ul className="pvlist" onKeyDown={onKey}>{all.map((one) => <li key={one.id}><Row one={one} isOn={one === kept} isChanged={one.id in drafts} onChoose={() => setChosen(one.id)} /></li>)}</ul>
          </section>
          <PersonFinder id="person-title" title={t`Consent of one person`} label={t`Whose consent`} hint={t`An email, a phone, an ID or a name`} onContact={onContact} />
        </div>
        <div className="colm">
          {shown && <Purpose key={kept?.id ?? "new"} begin={shown} kept={kept} bases={list.data?.bases ?? []} draft={drafts[id]} onDraft={(draft) => put(id, draft)} onKept={onKept} onCancel={() => { put(id, null); setChosen(null); }} />}
          {!shown && list.data && <div className="empty"><Handshake /><p className="t14"><Trans>No purpose yet.</Trans></p><p className="mut"><Trans>A purpose says what contacts are used for and why the law lets it be. Views, files and connections with a purpose hold only who may be used for it.</Trans></p><button type="button" className="btn" onClick={() => setChosen("")}><Plus /> <Trans>New purpose</Trans></button></div>}
        </div>
      </div>
    </Sheet>
  );
}

function Row({ one, isOn, isChanged, onChoose }: { one: PurposeView; isOn: boolean; isChanged: boolean; onChoose(): void }) {
  const [given, refused, objected] = [n(one.given), n(one.refused), n(one.objected)];
  return (
    <button type="button" id={`pur-${one.id}`} className={`pvitem ${isOn ? "on" : ""}`} aria-current={isOn || undefined} onClick={onChoose}>
      <span className="col sp"><b className="w5 ell"><bdi>{one.name}</bdi></b><span className="t12 mut ell">{basisWord(one.basis)}, <span className="num"><Trans>{given} yes, {refused} no, {objected} object</Trans></span></span></span>
      {isChanged && <span className="dotn s6 acc" role="img" aria-label={t`changed, not saved`} />}{one.retired && <span className="bdg"><Trans>Retired</Trans></span>}{one.marketing && !one.retired && <span className="bdg inf"><Trans>Marketing</Trans></span>}
    </button>
  );
}
