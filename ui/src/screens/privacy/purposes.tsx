import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Handshake, Plus } from "lucide-react";
import { useState } from "react";
import { useCommand } from "../../api/cache";
import type { PurposeParts, PurposeView } from "../../api/generated/commands";
import { Failure } from "../../components/failure";
import { Print } from "../../components/paper";
import { PersonPrivacy } from "../../components/person-privacy";
import { n } from "../../text/words";
import { CardLine, Finder, Sheet } from "./parts";
import { partsOf, Purpose } from "./purpose";
import { basisWord } from "./words";

const NEW: PurposeParts = { id: "", key: "", name: "", basis: "consent", marketing: false, description: "", ground: "", subjects: "", data: "", keptFor: "" };

/** What contacts are used for and why the law lets it be; what people said of it; and the consent of one person. */
export function Purposes({ onContact }: { onContact(id: string): void }) {
  const list = useCommand("purpose_list", {});
  const [chosen, setChosen] = useState<string | null>(null);
  /** What was typed and not saved, by purpose. */
  const [drafts, setDrafts] = useState<Record<string, PurposeParts>>({});
  const forget = (id: string) => setDrafts(({ [id]: _, ...others }) => others);
  const all = list.data?.purposes ?? [];
  const kept = chosen === "" ? undefined : (all.find(({ id }) => id === chosen) ?? all[0]);
  const shown = kept ?? (chosen === "" ? NEW : null);
  const onKey = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.key === "ArrowDown" || event.key === "j" ? 1 : event.key === "ArrowUp" || event.key === "k" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = all[all.findIndex(({ id }) => id === kept?.id) + step];
    if (!next) return;
    setChosen(next.id);
    document.getElementById(`pur-${next.id}`)?.focus();
  };
  return (
    <Sheet title={t`Purposes and consent`} about={list.data ? plural(all.length, { one: `${n(all.length)} purpose`, other: `${n(all.length)} purposes` }) : ""}
      tools={<><Print /><button type="button" className="btn pri" onClick={() => setChosen("")}><Plus /> <Trans>New purpose</Trans></button></>}>
      {list.error && <div className="page"><Failure error={list.error} /></div>}
      <div className="scroll pvpage pvleft">
        <div className="colm">
          <section className="card" aria-labelledby="purposes-title">
            <header><h3 id="purposes-title"><Trans>Purposes</Trans></h3></header>
            {list.data && all.length === 0 && <p className="pad mut"><Trans>Contacts are used for nothing that anybody said yet.</Trans></p>}
            <ul className="pvlist" onKeyDown={onKey}>{all.map((one) => <li key={one.id}><Row one={one} isOn={one === kept} isTyped={isChanged(one, drafts[one.id])} onChoose={() => setChosen(one.id)} /></li>)}</ul>
          </section>
          <Person onContact={onContact} />
        </div>
        <div className="colm">
          {shown && <Purpose key={kept?.id ?? "new"} begin={drafts[shown.id] ?? shown} onTyped={(typed) => setDrafts((all) => ({ ...all, [shown.id]: typed }))} kept={kept} bases={list.data?.bases ?? []} onKept={(id) => { forget(shown.id); setChosen(id); }} onCancel={() => { forget(shown.id); setChosen(null); }} />}
          {!shown && list.data && <div className="empty"><Handshake /><p className="t14"><Trans>No purpose yet.</Trans></p><p className="mut"><Trans>A purpose says what contacts are used for and why the law lets it be. Views, files and connections with a purpose hold only who may be used for it.</Trans></p><button type="button" className="btn" onClick={() => setChosen("")}><Plus /> <Trans>New purpose</Trans></button></div>}
        </div>
      </div>
    </Sheet>
  );
}

/** Whether something else was typed than what is kept. */
const isChanged = (one: PurposeView, draft: PurposeParts | undefined) => draft !== undefined && JSON.stringify(draft) !== JSON.stringify(partsOf(one));

function Row({ one, isOn, isTyped, onChoose }: { one: PurposeView; isOn: boolean; isTyped: boolean; onChoose(): void }) {
  const [given, refused, objected] = [n(one.given), n(one.refused), n(one.objected)];
  return (
    <button type="button" id={`pur-${one.id}`} className={`pvitem ${isOn ? "on" : ""}`} aria-current={isOn || undefined} onClick={onChoose}>
      <span className="col sp"><b className="w5 ell"><bdi>{one.name}</bdi></b><span className="t12 mut ell">{basisWord(one.basis)}, <span className="num"><Trans>{given} yes, {refused} no, {objected} object</Trans></span></span></span>
      {isTyped && <span className="dotn s6 acc" role="img" aria-label={t`changed, not saved`} />}
      {one.retired && <span className="bdg"><Trans>Given up</Trans></span>}{one.marketing && !one.retired && <span className="bdg inf"><Trans>Marketing</Trans></span>}
    </button>
  );
}

/** What one person agreed to: found by whatever names them, and changed at once. */
function Person({ onContact }: { onContact(id: string): void }) {
  const [open, setOpen] = useState<{ id: string; name: string } | null>(null);
  return (
    <section className="card noprint" aria-labelledby="person-title">
      <header><h3 id="person-title"><Trans>Consent of one person</Trans></h3></header>
      <div className="pad">
        <Finder label={t`Whose consent`} hint={t`An email, a phone, an ID or a name`}>
          {(cards, clear) => <ul className="pvcards">{cards.filter((one) => !one.isGone).map((card) => <li key={card.id}><button type="button" className="pvwho row sp" onClick={() => { setOpen({ id: card.id, name: card.name }); clear(); }}><CardLine card={card} /></button></li>)}</ul>}
        </Finder>
      </div>
      {open && <div className="pvopen"><p className="row pad"><b className="w5 sp ell"><bdi>{open.name}</bdi></b><button type="button" className="linkb" onClick={() => onContact(open.id)}><Trans>Open the card</Trans></button></p><PersonPrivacy key={open.id} contact={open.id} /></div>}
    </section>
  );
}
