import { Ban, Check, Copy, Merge as MergeIcon, Minus, Search } from "lucide-react";
import type { DuplicatesView, PairView } from "../../api/generated/commands";
import { Avatar } from "../../components/avatar";
import { count, n } from "../../text/en";
import { whyOf } from "./merge";

interface ListProps {
  found: DuplicatesView;
  chosen: string | null;
  onChoose(pair: PairView): void;
}

export const keyOf = ({ one, other }: PairView) => `${one.id}-${other.id}`;

/** Pairs of the last look: those that most likely are one person first. */
export function Pairs({ found, chosen, onChoose }: ListProps) {
  const groups: [string, PairView[]][] = [
    ["Duplicates", found.pairs.filter((pair) => pair.likely)],
    ["Perhaps", found.pairs.filter((pair) => !pair.likely)],
  ];
  // One stop for Tab; the arrow keys go from pair to pair.
  const stop = chosen ?? (found.pairs[0] ? keyOf(found.pairs[0]) : null);
  return <>{groups.filter(([, all]) => all.length > 0).map(([title, all]) => (
    <section key={title} aria-label={title}>
      <h2 className="row inhead">{title}<span className="end num">{n(title === "Duplicates" ? found.likely : found.total - found.likely)}</span></h2>
      {all.map((pair) => (
        <button key={keyOf(pair)} id={`in-${keyOf(pair)}`} type="button" tabIndex={keyOf(pair) === stop ? 0 : -1} className={`in ${chosen === keyOf(pair) ? "on" : ""}`} aria-current={chosen === keyOf(pair) || undefined} onClick={() => onChoose(pair)}>
          <Avatar name={pair.one.name} size="s32" />
          <span className="col sp"><b className="w5 ell"><bdi>{pair.one.name === pair.other.name ? `${pair.one.name} (2)` : `${pair.one.name}, ${pair.other.name}`}</bdi></b><span className="mut ell row g4"><Copy className="s12" /> {whyOf(pair)}</span></span>
        </button>
      ))}
    </section>
  ))}{found.total > found.pairs.length && <p className="pad8 mut t12">The next come up as you decide.</p>}</>;
}

/** What two cards have in common, before they are compared field by field. */
export function PairCard({ pair, onMerge, onApart }: { pair: PairView; onMerge(): void; onApart(): void }) {
  const facts: [string, string, string][] = [
    ["Name", pair.one.name, pair.other.name], ["Email", pair.one.email, pair.other.email],
    ["Phone", pair.one.phone, pair.other.phone], ["Company", pair.one.company, pair.other.company],
  ];
  return (
    <section className="card" aria-label="Duplicate">
      <header><span className="bdg inf"><Copy /> Duplicate</span><h3 className="ell"><bdi>{pair.one.name}</bdi> and <bdi>{pair.other.name}</bdi></h3><span className="mut nw">{pair.score} % alike</span>
        <span className="sp" />
        <button type="button" className="btn gh" onClick={onApart}><Ban /> Not the same <span className="kbd">X</span></button>
        <button type="button" className="btn pri" onClick={onMerge}><MergeIcon /> Compare and merge <span className="kbd">Enter</span></button>
      </header>
      <ul className="pad col g4" aria-label="Reasons">
        {pair.reasons.map((reason) => <li key={reason.text} className={`row g6 ${reason.speaksFor ? "ok" : "mut"}`}>{reason.speaksFor ? <Check /> : <Minus />} {reason.text.charAt(0).toUpperCase() + reason.text.slice(1)}</li>)}
      </ul>
      <dl className="pairof">
        {facts.filter(([, one, other]) => one || other).map(([label, one, other]) => [
          <dt key={label} className="mut">{label}</dt>, <dd key={`${label}1`} className={one ? "ell" : "ell mut"}><bdi>{one || "empty"}</bdi></dd>, <dd key={`${label}2`} className={other ? "ell" : "ell mut"}><bdi>{other || "empty"}</bdi></dd>,
        ])}
      </dl>
    </section>
  );
}

/** Nobody looked yet, or everything is decided. */
export function NoPairs({ found, running, onFind }: { found: DuplicatesView | undefined; running: boolean; onFind(): void }) {
  return (
    <div className="empty">
      <Copy />
      <p className="t14">{found?.lookedAt ? "No duplicates are left to decide." : found ? "Not looked for since Cardfile was opened." : "Reading"}</p>
      <p className="mut">Cards that share a mailbox, a phone, or a company and a name are compared. Nothing merges alone.</p>
      <button type="button" className="btn pri" disabled={running} onClick={onFind}><Search /> {running ? "Looking" : "Find duplicates"}</button>
    </div>
  );
}

/** `7 pairs, 5 of them likely` */
export const pairsSaid = (found: DuplicatesView) => `${count(found.total, "pair", "pairs")}, ${n(found.likely)} of them likely`;
