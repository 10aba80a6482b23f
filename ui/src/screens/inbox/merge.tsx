import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowRight, Ban, Check, ChevronDown, ChevronRight, ChevronUp, Copy, Equal, Maximize2, Merge as MergeIcon, Undo2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { CombineField, PairView, PersonView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Avatar } from "../../components/avatar";
import { useToast } from "../../components/toast";
import { capital, fieldLabel, n, partsHeading } from "../../text/words";
import { differing } from "../../text/differing";
import { linesOf } from "./values";
import { worded } from "../../text/worded";
import "./merge.css";

type Side = "left" | "right";
interface Props {
  pair: PairView;
  /** Its number in the list of the inbox, from 1, and how many there are; nothing for two that a person chose. */
  at?: number;
  total?: number;
  onBack(): void;
  onStep?(by: number): void;
  /** The pair is decided; the operation can be undone. */
  onDecided(text: string, operation: string | null): void;
  onContact(id: string): void;
}

/** Two cards side by side, and the one they will be. Nothing merges alone. */
export function Merge({ pair, at = 0, total = 0, onBack, onStep, onDecided, onContact }: Props) {
  const people = { left: pair.one, right: pair.other };
  const [survivor, setSurvivor] = useState<Side>(pair.other.chats > pair.one.chats ? "right" : "left");
  /** Fields that were chosen by hand. */
  const [chosen, setChosen] = useState<Record<string, Side>>({});
  const [showEqual, setShowEqual] = useState(false);
  const box = useRef<HTMLElement>(null);
  const [stays, goes] = survivor === "left" ? [pair.one, pair.other] : [pair.other, pair.one];
  const take = Object.keys(chosen).filter((field) => chosen[field] !== survivor);
  const request = { survivor: stays.id, other: goes.id, take, seen: null };
  const plan = useCommand("combine_preview", request);
  const ready = plan.data !== undefined;
  // On the first choice, where 1 and 2 mean something.
  useEffect(() => { if (ready) (box.current?.querySelector<HTMLElement>(".mrows [role=radio][aria-checked=true]") ?? box.current)?.focus(); }, [ready]);
  const run = useAction("combine_run");
  const apart = useAction("duplicate_distinguish");
  const toast = useToast();
  // What was asked before is not what would be done.
  const data = plan.data && !plan.isPlaceholderData && plan.data.survivor.id === stays.id ? plan.data : undefined;
  /** Which side stays in the plan that is shown; another one may be on its way. */
  const planned: Side = plan.data?.survivor.id === pair.other.id ? "right" : "left";
  const failed = { onError: (error: unknown) => toast(sentence(error)) };
  const busy = run.isPending || apart.isPending;
  const merge = () => data && !busy && run.mutate({ ...request, seen: data.seen }, { ...failed, onSuccess: ({ operation }) => onDecided(t`Merged into ${{ name: stays.name }}`, operation) });
  const distinguish = () => !busy && apart.mutate({ one: pair.one.id, other: pair.other.id }, { ...failed, onSuccess: ({ operation }) => onDecided(t`Remembered: two people`, operation) });
  const keep = (side: Side) => {
    setSurvivor(side);
    setChosen(Object.fromEntries((plan.data?.fields ?? []).filter((field) => linesOf(sideOf(field, side, planned)).length > 0).map(({ field }) => [field, side])));
  };
  const isFound = total > 0;
  const later = () => (at < total ? onStep?.(1) : onBack());
  /** An empty side is nothing to choose. */
  const choose = (field: string, side: Side) => {
    const one = plan.data?.fields.find((known) => known.field === field);
    if (one && linesOf(sideOf(one, side, planned)).length > 0) setChosen({ ...chosen, [field]: side });
  };
  const onKey = (event: React.KeyboardEvent) => {
    // A key that is held decides nothing: the next pair was not seen yet.
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || busy) return;
    const key = event.key.toLowerCase();
    const onButton = event.target instanceof HTMLButtonElement && event.target.role !== "radio";
    const row = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-field]")?.dataset.field : undefined;
    if (key === "escape") onBack();
    else if (key === "j") onStep?.(1);
    else if (key === "k") onStep?.(-1);
    else if (key === "l") later();
    else if (key === "x") distinguish();
    else if ((key === "1" || key === "2") && row) choose(row, key === "1" ? "left" : "right");
    else if (key === "enter" && !onButton) merge();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const rows = (data ?? plan.data)?.fields ?? [];
  const isEqual = (field: CombineField) => JSON.stringify(field.survivor) === JSON.stringify(field.other);
  const shown = rows.filter((field) => showEqual || !isEqual(field));
  const equal = rows.filter(isEqual).length;
  const parts = data?.parts ?? plan.data?.parts ?? [];
  const sum = (of: 1 | 2 | 3) => parts.reduce((total, part) => total + part[of], 0);
  const [place, last, why, name] = [n(at), n(total), whyOf(pair), stays.name];
  return (
    <main className="main" ref={box} tabIndex={-1} onKeyDown={onKey} aria-label={t`Merge two cards`}>
      <div className="head">
        <button type="button" className="linkb crumb" onClick={onBack}>{isFound ? t`Inbox` : t`Contacts`} <ChevronRight className="flip" /></button>
        {isFound && <span className="bdg inf"><Copy /> <Trans>Duplicate</Trans></span>}<h1><Trans>Merge two cards</Trans></h1>{isFound && <span className="t12 mut num"><Trans>{place} of {last}</Trans></span>}
        <span className="sp" />
        {(["left", "right"] as const).map((side) => <button key={side} type="button" className="btn gh" onClick={() => onContact(people[side].id)}><Maximize2 /> {side === "left" ? t`Open left` : t`Open right`}</button>)}
        {isFound && <button type="button" className="btn ic gh" aria-label={t`Previous`} disabled={at <= 1} onClick={() => onStep?.(-1)}><ChevronUp /></button>}
        {isFound && <button type="button" className="btn ic gh" aria-label={t`Next`} disabled={at >= total} onClick={() => onStep?.(1)}><ChevronDown /></button>}
      </div>
      <div className="mergebody">
        <section className="mergeleft" aria-label={t`Fields`}>
          <div className="row g16 mergetop">
            <div className="sp"><h2 className="t20"><Trans>One person or two?</Trans></h2>
              <p className="mut">{pair.reasons.length > 0 ? <Trans>{why}. Nothing merges alone. What loses a field stays on the card as a second value or in its history.</Trans> : <Trans>You chose these two. Nothing merges alone. What loses a field stays on the card as a second value or in its history.</Trans>}</p></div>
            <div className="row g6"><button type="button" className="btn" onClick={() => keep("left")}><Trans>Keep left</Trans></button><button type="button" className="btn" onClick={() => keep("right")}><Trans>Keep right</Trans></button></div>
          </div>
          {plan.error && <p className="note bad" role="alert">{sentence(plan.error)}</p>}
          <div className="card cmp">
            <div className="mrow h" role="radiogroup" aria-label={t`The card that stays`}>
              <span />
              {(["left", "right"] as const).map((side) => <Person key={side} person={people[side]} on={survivor === side} onChoose={() => setSurvivor(side)} />)}
              <span className="col"><b className="w6"><Trans>After the merge</Trans></b><small className="t12 mut"><Trans>one card, every value kept</Trans></small></span>
            </div>
            <div className="mrows">
              {shown.map((field) => (
                <Row key={field.field} field={field} left={sideOf(field, "left", planned)} right={sideOf(field, "right", planned)}
                  side={chosen[field.field] ?? (linesOf(field.survivor).length > 0 ? planned : planned === "left" ? "right" : "left")} onSide={(side) => choose(field.field, side)} />
              ))}
              {rows.length > 0 && shown.length === 0 && <p className="pad mut"><Trans>Both cards say the same.</Trans></p>}
            </div>
            <footer className="row t12 mut g8"><Equal /> {plural(equal, { one: `${n(equal)} field is the same on both`, other: `${n(equal)} fields are the same on both` })}<span className="sp" />{equal > 0 && <button type="button" className="linkb" onClick={() => setShowEqual(!showEqual)}>{showEqual ? t`Hide them` : t`Show them`}</button>}</footer>
          </div>
        </section>
        <aside className="mergeright" aria-label={t`What moves`}>
          <div className="card"><header><h3><Trans>Parts move together</Trans></h3>{data && sum(3) === sum(1) + sum(2) && <span className="end t12 ok row g4"><Check /> <Trans>Adds up</Trans></span>}</header>
            <table className="tbl"><thead><tr><th><Trans>Part</Trans></th><th className="r"><Trans context="side">Left</Trans></th><th className="r"><Trans context="side">Right</Trans></th><th className="r"><Trans context="card">Merged</Trans></th></tr></thead><tbody>
              {parts.map(([kind, mine, theirs, after]) => <tr key={kind}><td>{partsHeading(kind)}</td><td className="r mut">{planned === "left" ? mine : theirs}</td><td className="r mut">{planned === "left" ? theirs : mine}</td><td className="r w5">{after}</td></tr>)}
              <tr className="sum"><td className="w5"><Trans>All parts</Trans></td><td className="r">{planned === "left" ? sum(1) : sum(2)}</td><td className="r">{planned === "left" ? sum(2) : sum(1)}</td><td className="r w6">{sum(3)}</td></tr>
            </tbody></table>
          </div>
          {(plan.data?.remotes.length ?? 0) > 0 && (
            <div className="card"><header><h3><Trans>Other systems</Trans></h3></header><ul className="os">
              {plan.data?.remotes.map(([remote, ids]) => <li key={remote}><b className="w5 sp ell">{remote}</b><span className="mut t12 nw">{plural(ids, { one: `${n(ids)} external ID kept`, other: `${n(ids)} external IDs kept` })}</span></li>)}
            </ul></div>
          )}
          <div className="note ok"><Undo2 className="flip" /><span><Trans><b className="w5">Unmerge at any time.</b> Both cards come back byte for byte. What you edit later stays, and is listed.</Trans></span></div>
        </aside>
      </div>
      <div className="act">
        <button type="button" className="btn pri" disabled={!data || busy} onClick={merge}><MergeIcon /> {stays.name !== goes.name ? t`Merge into ${name}` : survivor === "left" ? t`Merge into ${name} (left)` : t`Merge into ${name} (right)`} <span className="kbd">Enter</span></button>
        {isFound && <button type="button" className="btn" onClick={later}><Trans>Later</Trans> <span className="kbd">L</span></button>}
        <button type="button" className="btn" disabled={busy} onClick={distinguish}><Ban /> <Trans>Not the same</Trans> <span className="kbd">X</span></button>
        <span className="t12 mut nw mergehint"><Trans>Remembered for ever</Trans></span>
        <span className="sp" />
        <span className="hint mergehint"><span className="kbd">J</span><span className="kbd">K</span> <Trans>next, previous</Trans></span>
        <span className="hint mergehint"><span className="kbd">1</span><span className="kbd">2</span> <Trans>left, right</Trans></span>
      </div>
    </main>
  );
}

/** `Same phone, other spelling, 93 %` */
export const whyOf = ({ reasons, score }: PairView) => {
  const text = [...reasons.slice(0, 3).map((reason) => worded(reason.text)), t`${{ score: n(score) }} %`].join(", ");
  return capital(text);
};

const sideOf = (field: CombineField, side: Side, survivor: Side) => (side === survivor ? field.survivor : field.other);

function Person({ person, on, onChoose }: { person: PersonView; on: boolean; onChoose(): void }) {
  return (
    <button type="button" role="radio" aria-checked={on} className={`mcard ${on ? "on" : ""}`} onClick={onChoose}>
      <Avatar name={person.name} size="s32" />
      <span className="sp"><b className="w6 ell"><bdi>{person.name}</bdi></b><small className="ell">{[person.source || person.company, plural(person.chats, { one: `${n(person.chats)} chat`, other: `${n(person.chats)} chats` })].filter(Boolean).join(", ")}</small></span>
      <span className={`row g6 t12 ${on ? "acc w5" : "mut"}`}><span className={`check rad ${on ? "on" : ""}`} aria-hidden /> <Trans>Survives</Trans></span>
    </button>
  );
}

function Row({ field, left, right, side, onSide }: { field: CombineField; left: unknown; right: unknown; side: Side; onSide(side: Side): void }) {
  const values = { left: linesOf(left), right: linesOf(right) };
  const after = linesOf(field.after);
  const both = values.left.length > 0 && values.right.length > 0;
  const same = JSON.stringify(left) === JSON.stringify(right);
  const lost = side === "left" ? values.right : values.left;
  const note = same ? t`the same on both` : !both ? t`only one card has it` : field.joins ? (after.length > 1 ? t`${{ value: after[0] ?? "" }} comes first` : t`one value, written twice`) : t`${{ values: lost.join(", ") }} kept in the history`;
  return (
    <div className="mrow" data-field={field.field} role="radiogroup" aria-label={fieldLabel(field.field)}>
      <span className="mut ell">{fieldLabel(field.field)}</span>
      {(["left", "right"] as const).map((one) => {
        const mine = values[one];
        if (mine.length === 0) return <span key={one} className="mc nil"><Trans>empty</Trans></span>;
        const bothStay = field.joins && after.length > 1;
        const on = bothStay || side === one;
        const parts = same || !both || (field.joins && after.length === 1) ? [mine.join(", "), "", ""] : differing(mine.join(", "), values[one === "left" ? "right" : "left"].join(", "));
        return (
          <button key={one} type="button" role="radio" aria-checked={side === one} tabIndex={side === one ? 0 : -1} className={`mc ${on ? "on" : ""}`} title={mine.join("\n")} onClick={() => onSide(one)}
            onKeyDown={(event) => {
              const to = event.key === "ArrowLeft" ? "left" : event.key === "ArrowRight" ? "right" : null;
              if (!to || values[to].length === 0) return;
              event.preventDefault();
              onSide(to);
              event.currentTarget.parentElement?.querySelectorAll<HTMLElement>(".mc")[to === "left" ? 0 : 1]?.focus();
            }}>
            <span className={`check ${bothStay ? "" : "rad"} ${on ? "on" : ""}`} aria-hidden>{bothStay && <Check />}</span>
            <bdi className="ell sp">{parts[0]}{parts[1] && <mark>{parts[1]}</mark>}{parts[2]}</bdi>
          </button>
        );
      })}
      <span className="mres"><ArrowRight className="flip" /><span className="sp"><b className="w5 ell"><bdi>{field.joins && after.length > 1 ? plural(after.length, { one: `${n(after.length)} value`, other: `${n(after.length)} values` }) : after[0]}</bdi></b><small className="ell">{note}</small></span></span>
    </div>
  );
}
