import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, ChevronDown, ChevronUp, UserPlus, UserSearch, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useAction } from "../../api/cache";
import type { LeadMatch, LeadView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { isTyping } from "../../commands";
import { Avatar } from "../../components/avatar";
import { Dialog } from "../../components/dialog";
import { useToast } from "../../components/toast";
import { worded } from "../../text/worded";
import { ago, capital, fieldLabel, moment, n, told } from "../../text/words";

/** By this the list knows it. */
export const keyOfLead = ({ id }: LeadView) => id;
const nameOf = ({ name }: LeadView) => name || t`No name`;

interface ListProps {
  leads: LeadView[];
  total: number;
  chosen: string | null;
  onChoose(lead: LeadView): void;
}

/** What other programs told of people who may be here, the latest first. */
export function Leads({ leads, total, chosen, onChoose }: ListProps) {
  if (leads.length === 0) return null;
  const stop = chosen ?? (leads[0] ? keyOfLead(leads[0]) : null);
  return (
    <section aria-label={t`Leads`}>
      <h2 className="row inhead"><Trans>Leads</Trans><span className="end num">{n(total)}</span></h2>
      {leads.map((one) => {
        const [key, source] = [keyOfLead(one), one.source];
        return (
          <button key={key} type="button" id={`in-${key}`} tabIndex={key === stop ? 0 : -1} className={`in ${chosen === key ? "on" : ""}`} aria-current={chosen === key || undefined} onClick={() => onChoose(one)}>
            <Avatar name={nameOf(one)} size="s32" />
            <span className="col sp"><b className="w5 ell"><bdi>{nameOf(one)}</bdi></b><span className="mut ell row g4"><UserSearch aria-hidden /> <span className="ell"><bdi>{one.known ? t`${source} differs from the card` : t`From ${source}, perhaps somebody who is here`}</bdi></span></span></span>
            <span className="mut t12 nw">{ago(one.at)}</span>
          </button>
        );
      })}
    </section>
  );
}

interface PaneProps {
  lead: LeadView;
  /** Its number in the list, from 1, and how many there are. */
  at: number;
  total: number;
  onStep(by: number): void;
  onDecided(): void;
  onContact(id: string): void;
}

/** Somebody who is not here yet. */
const NEW = "new";

/** What another program told, whose it may be, and what their card gets. */
export function LeadPane({ lead, at, total, onStep, onDecided, onContact }: PaneProps) {
  const [picked, setPicked] = useState(lead.perhaps[0]?.card.id ?? NEW);
  const [asking, setAsking] = useState(false);
  const act = useAction("lead_decide");
  const undo = useAction("history_undo");
  const toast = useToast();
  const match = lead.perhaps.find(({ card }) => card.id === picked);
  // Of whom an ID or an email tells, it is of nobody else.
  const ways = [...lead.perhaps.map(({ card }) => card.id), ...(lead.known ? [] : [NEW])];
  const decide = (choice: "join" | "new" | "dismiss") => {
    if (act.isPending) return;
    const name = choice === "join" ? (match?.card.name ?? "") : nameOf(lead);
    const said = choice === "join" ? t`Given to ${name}` : choice === "new" ? t`${name} has a card now` : t`Dismissed: nothing of it is kept`;
    act.mutate({ id: lead.id, choice, contact: choice === "join" ? (match?.card.id ?? null) : null }, {
      onSuccess: ({ operation }) => {
        toast(said, operation ? () => undo.mutate({ id: operation }, {
          onSuccess: () => toast(t`Taken back. The lead itself does not come back: it has to be sent again`),
          onError: (error) => toast(sentence(error)),
        }) : undefined);
        onDecided();
      },
      onError: (error) => toast(capital(sentence(error))),
    });
  };
  const mayMake = picked === NEW && !lead.known;
  const apply = () => {
    if (match) decide("join");
    else if (mayMake) decide("new");
  };
  const onKey = (event: KeyboardEvent) => {
    const on = event.target instanceof HTMLElement ? event.target : null;
    const isRadio = on instanceof HTMLInputElement && on.type === "radio";
    // A key that is held decides nothing: the next one was not seen yet.
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || (isTyping(on) && !isRadio) || document.querySelector("[aria-modal=true]")) return;
    const key = event.key.toLowerCase();
    const way = /^[1-9]$/.test(key) ? ways[Number(key) - 1] : undefined;
    // Other buttons keep their Enter.
    const isFree = !(on instanceof HTMLButtonElement) || on.id === `in-${keyOfLead(lead)}`;
    if (key === "enter" && isFree) apply();
    else if (key === "x") setAsking(true);
    else if (way) setPicked(way);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
  const [some, whole, source] = [n(at), n(total), lead.source];
  return (
    <main className="main">
      <div className="head"><span className="bdg inf"><UserSearch /> <Trans>Lead</Trans></span><h2 className="title ell"><bdi>{nameOf(lead)}</bdi></h2><span className="mut num nw">{t`${some} of ${whole}`}</span><span className="sp" />
        <button type="button" className="btn ic gh" aria-label={t`Previous`} disabled={at <= 1} onClick={() => onStep(-1)}><ChevronUp /></button><button type="button" className="btn ic gh" aria-label={t`Next`} disabled={at >= total} onClick={() => onStep(1)}><ChevronDown /></button></div>
      <div className="scroll inpage two2">
        <section className="card" aria-labelledby="told-title">
          <header><h3 id="told-title"><Trans>What <bdi>{source}</bdi> sent</Trans></h3><span className="mut end num"><bdi>{moment(new Date(lead.at))}</bdi></span></header>
          <pre className="pad mono leadtold" role="region" tabIndex={0} aria-labelledby="told-title">{lead.told}</pre>
        </section>
        <section className="card whois" aria-label={t`Who is it?`}>
          <header><h3><Trans>Who is it?</Trans></h3><span className="mut end"><Trans>never decided alone</Trans></span></header>
          <div className="pad col g8">
            <div role="radiogroup" aria-label={t`Who is it?`}>
              {ways.map((way) => {
                const one = lead.perhaps.find(({ card }) => card.id === way);
                return (
                  <label key={way} className={`pickb ${way === picked ? "on" : ""}`}>
                    <input type="radio" name="wholead" className="visually-hidden" checked={way === picked} onChange={() => setPicked(way)} />
                    <span className={`check rad ${way === picked ? "on" : ""}`} aria-hidden />
                    {one ? <Person match={one} /> : <span className="col sp"><b className="w5 row g4"><UserPlus aria-hidden /> <Trans>Somebody new</Trans></b><span className="t12 mut"><Trans>A card is made of what was told.</Trans></span></span>}
                  </label>
                );
              })}
            </div>
            {match && <Gets match={match} />}
            <button type="button" className="btn pri" disabled={act.isPending || (!match && !mayMake)} onClick={apply}><Check /> <span className="ell">{match ? t`Give to ${{ name: match.card.name }}` : t`Make a card`}</span> <span className="kbd">Enter</span></button>
            <button type="button" className="btn" disabled={act.isPending} onClick={() => setAsking(true)}><X /> <Trans>Dismiss</Trans> <span className="kbd">X</span></button>
            {match && <button type="button" className="linkb" onClick={() => onContact(match.card.id)}><Trans>Open the card</Trans></button>}
          </div>
        </section>
      </div>
      {asking && (
        <Dialog title={t`Dismiss what ${source} sent?`} width={480} onClose={() => setAsking(false)} onSubmit={() => { setAsking(false); decide("dismiss"); }}
          buttons={<><button type="button" className="btn" onClick={() => setAsking(false)}><Trans>Keep it</Trans></button><button type="submit" className="btn dgr"><X /> <Trans>Dismiss</Trans></button></>}>
          <p><Trans>Nothing of it is kept, and this cannot be undone.</Trans></p>
        </Dialog>
      )}
    </main>
  );
}

/** A card that it may be of, and by what it was found. */
function Person({ match: { card, why } }: { match: LeadMatch }) {
  const about = [card.company, card.email || card.phone].filter(Boolean).join(", ");
  return <span className="col sp"><b className="w5 ell"><bdi>{card.name}</bdi></b>{about && <span className="t12 mut ell"><bdi>{about}</bdi></span>}<span className="t12 mut ell"><bdi>{capital(worded(why))}</bdi></span></span>;
}

/** What the card says otherwise afterwards. */
function Gets({ match: { changes } }: { match: LeadMatch }) {
  if (changes.length === 0) return <p className="t12 mut"><Trans>The card says all of it already.</Trans></p>;
  return (
    <dl className="ifclaim t12" aria-label={t`What the card gets`}>
      {changes.map(({ field, old, new: said }) => {
        const [before, after] = [told(old) || t`empty`, told(said) || t`empty`];
        return <div key={field}><dt>{fieldLabel(field)}</dt><dd><Trans><bdi>{before}</bdi> to <bdi>{after}</bdi></Trans></dd></div>;
      })}
    </dl>
  );
}

/** Everything was decided. */
export function NoLeads() {
  return (
    <div className="empty">
      <UserSearch />
      <p className="t14"><Trans>No lead waits.</Trans></p>
      <p className="mut"><Trans>What another program tells of somebody who may be here already stands here, and what it would replace on a card.</Trans></p>
    </div>
  );
}
