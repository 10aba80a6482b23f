import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Inbox as InboxIcon, RefreshCw, Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { Conflict, PairView, WaitingConversation } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Avatar } from "../../components/avatar";
import { useToast } from "../../components/toast";
import { useSettled } from "../../components/use-settled";
import { ago, n, partsOf } from "../../text/words";
import type { Tab } from "../../places";
import { Messages } from "../../components/messages";
import { AsidePane, Asides, asidesOf, keyOfAside, NoAsides } from "./aside";
import { ConflictPane } from "./conflict";
import { Conflicts, Many, NoConflicts } from "./conflicts";
import { keyOfConflict, rangeOf, seenOf } from "./deciding";
import { keyOfLead, LeadPane, Leads, NoLeads } from "./leads";
import { Merge } from "./merge";
import { keyOf, NoPairs, PairCard, Pairs, pairsSaid } from "./pairs";
import { keyOfProposal, NoProposals, ProposalPane, Proposals } from "./proposals";
import { Who } from "./who";
import "./inbox.css";

/** What waits for a decision: conversations of nobody known or not read, who other programs told of, what agents propose, what both sides changed, what was not taken, cards that may be one person. */
export function Inbox({ onContact }: { onContact(id: string, tab: Tab | undefined): void }) {
  const [text, setText] = useState("");
  const wanted = useSettled(text.trim());
  const found = useCommand("text_search", { text: wanted }, wanted !== "");
  const hits = wanted !== "" ? (found.data?.hits ?? null) : null;
  const inbox = useCommand("inbox_list", {});
  const [chosen, setChosen] = useState<string | null>(null);
  const [tab, setTab] = useState<Kind>("all");
  const duplicates = useCommand("duplicate_list", {});
  const held = useCommand("conflict_list", {});
  const wishes = useCommand("proposal_list", {});
  const heard = useCommand("lead_list", {});
  const find = useAction("duplicate_find");
  const apart = useAction("duplicate_distinguish");
  const unrule = useAction("conflict_rule_remove");
  const undo = useAction("history_undo");
  const toast = useToast();
  const [merging, setMerging] = useState<string | null>(null);
  const pairs = duplicates.data?.pairs ?? [];
  const conflicts = held.data?.conflicts ?? [];
  const asides = asidesOf(held.data);
  const proposals = wishes.data?.proposals ?? [];
  const leads = heard.data?.leads ?? [];
  /** Conflicts that are decided together, by key, and the one that was selected last. */
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [lastPicked, setLastPicked] = useState<string | null>(null);
  /** What the last decision about conflicts did. */
  const [last, setLast] = useState<Done | null>(null);
  const all = inbox.data?.conversations ?? [];
  const groups: [string, WaitingConversation[]][] = [
    [t`Visitors without a card`, all.filter((one) => one.contact === null)],
    [t`Not read yet`, all.filter((one) => one.contact !== null)],
  ];
  const order = groups.flatMap(([, list]) => list);
  const [kept, setKept] = useState<WaitingConversation | null>(null);
  // Reading takes it out of the list; it stays open until another is chosen.
  const open = order.find(({ conversation }) => conversation.id === chosen) ?? (kept?.conversation.id === chosen ? kept : null) ?? (chosen === null ? order[0] : null) ?? null;
  const choose = (one: WaitingConversation) => {
    setChosen(one.conversation.id);
    setKept(one);
  };
  const shows = (kind: Kind) => tab === "all" || tab === kind;
  // Nothing chosen, or what was chosen is decided: the first of the tab; among all, of the first list that has any.
  const first = <T,>(kind: Kind, list: T[]): T | undefined => (tab === kind || (chosen === null && order.length === 0) ? list[0] : undefined);
  const conflict = shows("conflicts") ? conflicts.find((one) => keyOfConflict(one) === chosen) ?? first("conflicts", conflicts) : undefined;
  const put = shows("aside") && !conflict ? asides.find((one) => keyOfAside(one) === chosen) ?? first("aside", asides) : undefined;
  // The latest stands first: one that comes does not take the place of the one that is read.
  const shownLead = useRef<string | null>(null);
  const firstLead = first("leads", leads) && (leads.find((one) => keyOfLead(one) === shownLead.current) ?? leads[0]);
  const lead = shows("leads") && !conflict && !put ? leads.find((one) => keyOfLead(one) === chosen) ?? firstLead : undefined;
  useEffect(() => { shownLead.current = lead ? keyOfLead(lead) : null; });
  const proposal = shows("proposals") && !conflict && !put && !lead ? proposals.find((one) => keyOfProposal(one) === chosen) ?? first("proposals", proposals) : undefined;
  const pair = shows("duplicates") && !conflict && !put && !lead && !proposal ? pairs.find((one) => keyOf(one) === chosen) ?? first("duplicates", pairs) : undefined;
  const ids = [...(shows("conversations") ? order.map(({ conversation }) => conversation.id) : []), ...(shows("leads") ? leads.map(keyOfLead) : []), ...(shows("proposals") ? proposals.map(keyOfProposal) : []), ...(shows("conflicts") ? conflicts.map(keyOfConflict) : []), ...(shows("aside") ? asides.map(keyOfAside) : []), ...(shows("duplicates") ? pairs.map(keyOf) : [])];
  const look = () => find.mutate({}, { onSuccess: ({ pairs }) => toast(plural(pairs, { one: `Found ${n(pairs)} pair`, other: `Found ${n(pairs)} pairs` })), onError: (error) => toast(sentence(error)) });
  /** A pair is decided: the next one takes its place. */
  const decided = (from: PairView, text: string, operation: string | null) => {
    toast(text, operation ? () => undo.mutate({ id: operation }, { onError: (error) => toast(sentence(error)) }) : undefined);
    const at = pairs.findIndex((one) => keyOf(one) === keyOf(from));
    // Other pairs with a card that went are gone too.
    const next = [...pairs.slice(at + 1), ...pairs.slice(0, at)].find(({ one, other }) => ![one.id, other.id].some((id) => id === from.one.id || id === from.other.id));
    setChosen(next ? keyOf(next) : null);
    setMerging((was) => (was && next ? keyOf(next) : null));
  };
  /** Takes a decision back: first the rule, so that it does not decide the same again. */
  const takeBack = ({ operation, rule }: Done, onSuccess?: () => void) => {
    const after = { onError: (error: unknown) => toast(sentence(error)), ...(onSuccess && { onSuccess }) };
    if (rule) unrule.mutate(rule, operation ? { ...after, onSuccess: () => undo.mutate({ id: operation }, after) } : after);
    else if (operation) undo.mutate({ id: operation }, after);
  };
  const tell = (text: string, done: Done) => {
    const isBack = done.operation !== null || done.rule !== undefined;
    toast(text, isBack ? () => takeBack(done) : undefined);
    setLast(isBack ? done : null);
  };
  /** A conflict is decided, or some of it: then it stays open. */
  const settled = (from: Conflict, text: string, done: Done, isWhole: boolean) => {
    tell(text, done);
    if (!isWhole) return;
    const at = conflicts.indexOf(from);
    const next = conflicts[at + 1] ?? conflicts[at - 1];
    setChosen(next ? keyOfConflict(next) : null);
    setPicked((was) => new Set([...was].filter((key) => key !== keyOfConflict(from))));
  };
  /** A rule decides a field: the next one is the first that it leaves. */
  const ruled = (from: Conflict, field: string, text: string, operation: string | null) => {
    tell(text, { operation, rule: { remote: from.remote, field } });
    const next = conflicts.find((one) => one.remote !== from.remote || one.kind !== "values" || one.fields.some((held) => held.field !== field));
    setChosen(next ? keyOfConflict(next) : null);
  };
  const pick = (key: string, range: boolean) => {
    const keys = range ? rangeOf(conflicts.map(keyOfConflict), lastPicked, key) : [key];
    setLastPicked(key);
    setPicked((was) => { const next = new Set(was); for (const one of keys) if (range || !was.has(one)) next.add(one); else next.delete(one); return next; });
  };
  // Those that were decided elsewhere are selected no more.
  const many = conflicts.filter((one) => picked.has(keyOfConflict(one)));
  /** Opens another one of a list and goes to its row. */
  const goTo = (key: string | undefined) => {
    if (key === undefined) return;
    setChosen(key);
    document.getElementById(`in-${key}`)?.focus();
  };
  const stepTo = (from: Conflict, by: number) => goTo(conflicts.map(keyOfConflict)[conflicts.indexOf(from) + by]);
  const say = (from: PairView) => !apart.isPending && apart.mutate({ one: from.one.id, other: from.other.id }, { onSuccess: ({ operation }) => decided(from, t`Remembered: two people`, operation), onError: (error) => toast(sentence(error)) });
  const onKey = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    // The row that has the focus is meant, whichever is open beside the list.
    const focused = event.target instanceof HTMLElement ? event.target.closest(".in")?.id.slice("in-".length) : undefined;
    const meant = pairs.find((one) => keyOf(one) === focused);
    if (meant && event.key === "x") { event.preventDefault(); return say(meant); }
    if (meant && event.key === "Enter") { event.preventDefault(); setChosen(keyOf(meant)); return setMerging(keyOf(meant)); }
    const key = event.key.toLowerCase();
    const isConflict = conflicts.some((one) => keyOfConflict(one) === focused);
    if (focused && isConflict && key === "x") { event.preventDefault(); event.stopPropagation(); return pick(focused, event.shiftKey); }
    if (event.key === "Escape" && many.length > 0) { event.preventDefault(); event.stopPropagation(); return setPicked(new Set()); }
    const step = key === "arrowdown" || key === "j" ? 1 : key === "arrowup" || key === "k" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const at = ids.indexOf(focused ?? (conflict ? keyOfConflict(conflict) : put ? keyOfAside(put) : lead ? keyOfLead(lead) : proposal ? keyOfProposal(proposal) : pair ? keyOf(pair) : (open?.conversation.id ?? "")));
    const next = ids[Math.min(ids.length - 1, Math.max(0, at + step))];
    if (!next) return;
    // With Shift all that are passed are selected.
    if (event.shiftKey && focused && isConflict && conflicts.some((one) => keyOfConflict(one) === next)) {
      setPicked((was) => new Set([...was, focused, next]));
      setLastPicked(next);
    }
    const waiting = order.find(({ conversation }) => conversation.id === next);
    if (waiting) choose(waiting);
    else setChosen(next);
    document.getElementById(`in-${next}`)?.focus();
  };
  // Back in the list, or with the next one of it: keys go on from there.
  const atPair = conflict ? keyOfConflict(conflict) : put ? keyOfAside(put) : lead ? keyOfLead(lead) : proposal ? keyOfProposal(proposal) : pair && !merging ? keyOf(pair) : null;
  useEffect(() => {
    if (atPair && (document.activeElement === document.body || document.activeElement === null)) document.getElementById(`in-${atPair}`)?.focus();
  }, [atPair]);
  const failure = inbox.error ?? (shows("conflicts") || shows("aside") ? held.error : null) ?? (shows("leads") ? heard.error : null) ?? (shows("proposals") ? wishes.error : null) ?? (shows("duplicates") ? duplicates.error : null);
  const list = failure ? <p className="pad8 bad" role="alert">{sentence(failure)}</p> : wanted !== "" && found.error ? (
    <p className="pad8 bad" role="alert">{sentence(found.error)}</p>
  ) : hits ? (
    <ul className="scroll hits" aria-label={t`Texts found`}>
      {hits.map((hit) => (
        <li key={hit.id}>
          <button type="button" className="in" onClick={() => { if (hit.contact) return onContact(hit.contact, TABS[hit.kind]); setText(""); setTab("all"); setChosen(hit.conversation); }}>
            <Avatar name={hit.name || "?"} organization={false} size="s32" />
            <span className="col sp"><span className="row g8"><b className="w5 ell sp"><bdi>{hit.name || t`Visitor`}</bdi></b><span className="mut t12 nw">{KINDS[hit.kind]?.(ago(hit.at)) ?? ago(hit.at)}</span></span><span className="hittext"><bdi>{hit.excerpt[0]}<mark>{hit.excerpt[1]}</mark>{hit.excerpt[2]}</bdi></span></span>
          </button>
        </li>
      ))}
      {hits.length === 0 && <li className="pad8 mut"><Trans>Nothing says that.</Trans></li>}
    </ul>
  ) : (
    <div className="scroll" onKeyDown={onKey}>
      {shows("conversations") && groups.filter(([, all]) => all.length > 0).map(([title, all]) => (
        <section key={title} aria-label={title}>
          <h2 className="row inhead">{title}<span className="end num">{all.length}</span></h2>
          {all.map((one) => (
            <button key={one.conversation.id} id={`in-${one.conversation.id}`} type="button" className={`in ${open?.conversation.id === one.conversation.id ? "on" : ""}`} aria-current={open?.conversation.id === one.conversation.id || undefined} onClick={() => choose(one)}>
              <Avatar name={nameOf(one)} organization={false} size="s32" />
              <span className="col sp"><b className="w5 ell"><bdi>{nameOf(one)}</bdi></b><span className="mut ell">{one.conversation.title || one.conversation.platform}</span></span>
              <span className="mut t12 nw">{ago(one.conversation.lastAt)}</span>
            </button>
          ))}
        </section>
      ))}
      {shows("leads") && <Leads leads={leads} total={heard.data?.total ?? 0} chosen={lead ? keyOfLead(lead) : null} onChoose={(one) => setChosen(keyOfLead(one))} />}
      {shows("proposals") && <Proposals proposals={proposals} chosen={proposal ? keyOfProposal(proposal) : null} onChoose={(one) => setChosen(keyOfProposal(one))} />}
      {shows("conflicts") && <Conflicts conflicts={conflicts} chosen={conflict ? keyOfConflict(conflict) : null} selected={picked} onChoose={(one) => setChosen(keyOfConflict(one))} onSelect={pick} onAll={() => setPicked(new Set(conflicts.map(keyOfConflict)))} />}
      {shows("aside") && <Asides asides={asides} chosen={put ? keyOfAside(put) : null} onChoose={(one) => setChosen(keyOfAside(one))} />}
      {shows("duplicates") && duplicates.data && <Pairs found={duplicates.data} chosen={pair ? keyOf(pair) : null} onChoose={(one) => setChosen(keyOf(one))} />}
    </div>
  );
  const merged = pairs.find((one) => keyOf(one) === merging);
  if (merged) {
    const at = pairs.indexOf(merged);
    const step = (by: number) => { const next = pairs[at + by]; if (next) { setMerging(keyOf(next)); setChosen(keyOf(next)); } };
    return <div className="split"><Merge key={merging} pair={merged} at={at + 1} total={pairs.length} onBack={() => setMerging(null)} onStep={step} onDecided={(text, operation) => decided(merged, text, operation)} onContact={(id) => onContact(id, undefined)} /></div>;
  }
  const waiting = inbox.data?.total ?? 0;
  const alike = duplicates.data?.total ?? 0;
  const told = heard.data?.total ?? 0;
  const total = waiting + told + proposals.length + conflicts.length + asides.length + alike;
  // Seldom is anything refused: its tab comes with it.
  const refused: [Kind, string, number][] = asides.length > 0 || tab === "aside" ? [["aside", t`Not taken`, asides.length]] : [];
  // So has everybody who lets no agent write.
  const wished: [Kind, string, number][] = proposals.length > 0 || tab === "proposals" ? [["proposals", t`Proposals`, proposals.length]] : [];
  // And everybody whose programs tell only of people they know.
  const unsure: [Kind, string, number][] = told > 0 || tab === "leads" ? [["leads", t`Leads`, told]] : [];
  const kinds: [Kind, string, number][] = [["all", t`All`, total], ["conversations", t`Conversations`, waiting], ...unsure, ...wished, ["conflicts", t`Conflicts`, conflicts.length], ...refused, ["duplicates", t`Duplicates`, alike]];
  const conversation = !hits && !pair && !conflict && !put && !lead && !proposal && shows("conversations");
  const { platform = "", pageUrl = "" } = open?.conversation ?? {};
  return (
    <div className="split">
      <section className="inlist" aria-label={hits ? t`Found` : t`Waiting`}>
        <div className="head"><h1><Trans>Inbox</Trans></h1><span className="mut" role="status">{hits ? plural(hits.length, { one: `${n(hits.length)} text found`, other: `${n(hits.length)} texts found` }) : plural(total, { one: `${n(total)} decision`, other: `${n(total)} decisions` })}</span><span className="sp" /><button type="button" className="btn ic gh" aria-label={t`Find duplicates`} title={t`Find duplicates`} disabled={find.isPending} onClick={() => { setTab("duplicates"); look(); }}><RefreshCw /></button></div>
        <div className="pad8"><span className="seg inseg" role="group" aria-label={t`What waits`}>{kinds.map(([key, label, amount]) => <button key={key} type="button" className={tab === key ? "on" : ""} aria-pressed={tab === key} onClick={() => { setTab(key); setChosen(null); }}><span className="ell">{label}</span>{amount > 0 && <> <span className="num mut">{n(amount)}</span></>}</button>)}</span></div>
        <div className="pad8"><label className="inp soft insearch"><Search /><input aria-label={t`Search messages, notes and memories`} placeholder={t`Search messages, notes, memories`} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => { if (event.key === "Escape") setText(""); }} /></label></div>
        {list}
        {!hits && many.length > 0 && <Many selected={many} onClear={() => setPicked(new Set())} onDecided={(text, operation) => { setPicked(new Set()); setChosen(null); tell(text, { operation }); }} />}
      </section>
      {hits && <main className="main"><div className="empty"><Search /><p className="mut"><Trans>Choose a text to open its card.</Trans></p></div></main>}
      {!hits && conflict && (
        <ConflictPane key={seenOf(conflict)} conflict={conflict} at={conflicts.indexOf(conflict) + 1} total={conflicts.length} onStep={(by) => stepTo(conflict, by)} onContact={(id) => onContact(id, undefined)} onSelect={() => pick(keyOfConflict(conflict), false)}
          onDecided={(text, operation, isWhole) => settled(conflict, text, { operation }, isWhole)} onRuled={(field, text, operation) => ruled(conflict, field, text, operation)}
          onUndo={last ? () => { takeBack(last, () => toast(t`Undone`)); setLast(null); } : undefined} />
      )}
      {!hits && put && (
        <AsidePane key={keyOfAside(put)} aside={put} at={asides.indexOf(put) + 1} total={asides.length} onStep={(by) => goTo(asides.map(keyOfAside)[asides.indexOf(put) + by])} onContact={(id) => onContact(id, undefined)}
          onDecided={(text) => { const from = asides.indexOf(put); const next = asides[from + 1] ?? asides[from - 1]; toast(text); setChosen(next ? keyOfAside(next) : null); }} />
      )}
      {!hits && lead && (
        <LeadPane key={keyOfLead(lead)} lead={lead} at={leads.indexOf(lead) + 1} total={leads.length} onStep={(by) => goTo(leads.map(keyOfLead)[leads.indexOf(lead) + by])} onContact={(id) => onContact(id, undefined)}
          onDecided={() => { const from = leads.indexOf(lead); const next = leads[from + 1] ?? leads[from - 1]; setChosen(next ? keyOfLead(next) : null); }} />
      )}
      {!hits && !lead && tab === "leads" && heard.data && <main className="main"><NoLeads /></main>}
      {!hits && proposal && (
        <ProposalPane key={keyOfProposal(proposal)} proposal={proposal} at={proposals.indexOf(proposal) + 1} total={proposals.length} onStep={(by) => goTo(proposals.map(keyOfProposal)[proposals.indexOf(proposal) + by])} onContact={(id) => onContact(id, undefined)}
          onDecided={() => { const from = proposals.indexOf(proposal); const next = proposals[from + 1] ?? proposals[from - 1]; setChosen(next ? keyOfProposal(next) : null); }} />
      )}
      {!hits && !proposal && tab === "proposals" && wishes.data && <main className="main"><NoProposals /></main>}
      {!hits && !put && tab === "aside" && held.data && <main className="main"><NoAsides /></main>}
      {!hits && !conflict && tab === "conflicts" && held.data && <main className="main"><NoConflicts /></main>}
      {!hits && pair && (
        <main className="main">
          <div className="head"><h2 className="title"><Trans>One person or two?</Trans></h2><span className="mut">{duplicates.data && pairsSaid(duplicates.data)}</span></div>
          <div className="scroll inpage"><PairCard pair={pair} onMerge={() => setMerging(keyOf(pair))} onApart={() => say(pair)} /></div>
        </main>
      )}
      {!hits && !pair && tab === "duplicates" && <main className="main"><NoPairs found={duplicates.data} running={find.isPending} onFind={look} /></main>}
      {conversation && !open && chosen !== null && <main className="main"><div className="empty"><InboxIcon /><p className="mut"><Trans>This conversation does not wait any more.</Trans></p></div></main>}
      {conversation && !open && chosen === null && inbox.data && <main className="main"><div className="empty"><InboxIcon /><p className="t14"><Trans>Nobody waits.</Trans></p><p className="mut"><Trans>Conversations appear here when a connected system sends them.</Trans></p><button type="button" className="btn" disabled={find.isPending} onClick={() => { setTab("duplicates"); look(); }}><Search /> <Trans>Find duplicates</Trans></button></div></main>}
      {conversation && open && (
        <main className="main">
          <div className="head">{open.contact === null && <span className="bdg inf"><Trans>Visitor</Trans></span>}<h2 className="title"><bdi>{nameOf(open)}</bdi></h2><span className="mut ell">{pageUrl ? t`${platform} on ${pageUrl}` : platform}</span></div>
          <div className={`scroll inpage ${open.contact === null ? "two2" : ""}`}>
            <section className="card" aria-label={t`Conversation`}><header><h3><Trans>Conversation</Trans></h3><span className="mut">{partsOf("message", open.conversation.messages)}</span></header><Messages key={open.conversation.id} name={nameOf(open)} conversation={open.conversation} looked={chosen !== null} /></section>
            {open.contact === null && <Who key={open.conversation.id} waiting={open} onClaimed={() => { setChosen(null); setKept(null); }} />}
          </div>
        </main>
      )}
    </div>
  );
}

type Kind = "all" | "conversations" | "leads" | "proposals" | "conflicts" | "aside" | "duplicates";
/** What a decision did: what it changed here, and the rule that it kept. */
interface Done { operation: string | null; rule?: { remote: string; field: string } }
const TABS: Record<string, "conversations" | "notes" | "memories"> = { message: "conversations", note: "notes", memory: "memories" };
const KINDS: Record<string, (when: string) => string> = { message: (when) => t`Message, ${when}`, note: (when) => t`Note, ${when}`, memory: (when) => t`Memory, ${when}` };

const nameOf = ({ name, conversation }: WaitingConversation) => name || t`Visitor ${{ end: conversation.id.slice(-4) }}`;
