import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, ChevronDown, ChevronUp, Sparkles, X } from "lucide-react";
import { useEffect } from "react";
import type { ProposalView } from "../../api/generated/commands";
import { isTyping } from "../../commands";
import { Avatar } from "../../components/avatar";
import { alwaysWord, type Choice, ProposalIcon, useDeciding, wordOfProposal } from "../../components/proposals";
import { ago, capital, moment, n } from "../../text/words";
import { fieldsWorded } from "../../text/worded";

/** By this the list knows it. */
export const keyOfProposal = ({ id }: ProposalView) => id;

interface ListProps {
  proposals: ProposalView[];
  chosen: string | null;
  onChoose(proposal: ProposalView): void;
}

/** What agents want to be written, the oldest first. */
export function Proposals({ proposals, chosen, onChoose }: ListProps) {
  if (proposals.length === 0) return null;
  const stop = chosen ?? (proposals[0] ? keyOfProposal(proposals[0]) : null);
  return (
    <section aria-label={t`Proposals`}>
      <h2 className="row inhead"><Trans>Proposals</Trans><span className="end num">{n(proposals.length)}</span></h2>
      {proposals.map((one) => {
        const key = keyOfProposal(one);
        return (
          <button key={key} type="button" id={`in-${key}`} tabIndex={key === stop ? 0 : -1} className={`in ${chosen === key ? "on" : ""}`} aria-current={chosen === key || undefined} onClick={() => onChoose(one)}>
            <Avatar name={one.name} size="s32" />
            <span className="col sp"><b className="w5 ell"><bdi>{one.name}</bdi></b><span className="mut ell row g4"><ProposalIcon sort={one.sort} /> <span className="ell"><bdi>{capital(fieldsWorded(one.says))}</bdi></span></span></span>
            <span className="mut t12 nw">{ago(one.at)}</span>
          </button>
        );
      })}
    </section>
  );
}

interface PaneProps {
  proposal: ProposalView;
  /** Its number in the list, from 1, and how many there are. */
  at: number;
  total: number;
  onStep(by: number): void;
  onDecided(): void;
  onContact(id: string): void;
}

/** What one agent wants to be written on one card, and what becomes of it. */
export function ProposalPane({ proposal, at, total, onStep, onDecided, onContact }: PaneProps) {
  const { decide, isPending } = useDeciding();
  const word = wordOfProposal(proposal);
  const choose = (choice: Choice) => decide(proposal, choice, onDecided);
  const onKey = (event: KeyboardEvent) => {
    // A key that is held decides nothing: the next one was not seen yet.
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target) || document.querySelector("[aria-modal=true]")) return;
    const key = event.key.toLowerCase();
    // Other buttons keep their Enter.
    const isFree = !(event.target instanceof HTMLButtonElement) || event.target.id === `in-${keyOfProposal(proposal)}`;
    if (key === "enter" && isFree) choose("approve");
    else if (key === "x") choose("reject");
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
  const { clientName: client, name } = proposal;
  const kind = word === null ? "" : alwaysWord(word);
  const [some, whole] = [n(at), n(total)];
  return (
    <main className="main">
      <div className="head"><span className="bdg rem"><Sparkles /> <Trans>Proposal</Trans></span><h2 className="title ell"><bdi>{name}</bdi></h2><span className="mut num nw">{t`${some} of ${whole}`}</span><span className="sp" />
        <button type="button" className="btn ic gh" aria-label={t`Previous`} disabled={at <= 1} onClick={() => onStep(-1)}><ChevronUp /></button><button type="button" className="btn ic gh" aria-label={t`Next`} disabled={at >= total} onClick={() => onStep(1)}><ChevronDown /></button></div>
      <div className="scroll inpage">
        <section className="card" aria-labelledby="proposal-title">
          <header><ProposalIcon sort={proposal.sort} /><h3 id="proposal-title"><Trans><bdi>{client}</bdi> proposes</Trans></h3><span className="mut end num"><bdi>{moment(new Date(proposal.at))}</bdi></span></header>
          <div className="pad col g8">
            <p className="t14 ptext"><bdi>{capital(fieldsWorded(proposal.says))}</bdi></p>
            {proposal.more.map((line, number) => <p key={number} className="mut ptext"><bdi>{line}</bdi></p>)}
            <p className="t12 mut">{proposal.sort === "access" ? t`Nobody proved who asks. Agree when you know it is this person.` : t`Nothing of it is written yet. It may repeat what somebody else told the agent: read it before you agree.`}</p>
          </div>
          <footer>
            <button type="button" className="btn pri" disabled={isPending} onClick={() => choose("approve")}><Check /> <Trans>Approve</Trans> <span className="kbd">Enter</span></button>
            <button type="button" className="btn" disabled={isPending} onClick={() => choose("reject")}><X /> <Trans>Reject</Trans> <span className="kbd">X</span></button>
            {kind && <button type="button" className="btn gh" disabled={isPending} onClick={() => choose("always")}>{t`Always for ${kind}`}</button>}
            <span className="sp" /><button type="button" className="linkb" onClick={() => onContact(proposal.contact)}><Trans>Open the card</Trans></button>
          </footer>
        </section>
      </div>
    </main>
  );
}

/** Everything was decided. */
export function NoProposals() {
  return (
    <div className="empty">
      <Sparkles />
      <p className="t14"><Trans>No proposal waits.</Trans></p>
      <p className="mut"><Trans>What agents want to write on a card stands here before it is written.</Trans></p>
    </div>
  );
}
