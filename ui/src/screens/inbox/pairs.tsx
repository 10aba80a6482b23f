import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Ban, Check, Copy, Merge as MergeIcon, Minus, Search } from "lucide-react";
import type { DuplicatesView, PairView } from "../../api/generated/commands";
import { Avatar } from "../../components/avatar";
import { capital, n } from "../../text/words";
import { whyOf } from "./merge";
import { worded } from "../../text/worded";

interface ListProps {
  found: DuplicatesView;
  chosen: string | null;
  onChoose(pair: PairView): void;
}

export const keyOf = ({ one, other }: PairView) => `${one.id}-${other.id}`;

/** Pairs of the last look: those that most likely are one person first. */
export function Pairs({ found, chosen, onChoose }: ListProps) {
  const groups: [string, PairView[], number][] = [
    [t`Duplicates`, found.pairs.filter((pair) => pair.likely), found.likely],
    [t`Perhaps`, found.pairs.filter((pair) => !pair.likely), found.total - found.likely],
  ];
  // One stop for Tab; the arrow keys go from pair to pair.
  const stop = chosen ?? (found.pairs[0] ? keyOf(found.pairs[0]) : null);
  return <>{groups.filter(([, all]) => all.length > 0).map(([title, all, amount]) => (
    <section key={title} aria-label={title}>
      <h2 className="row inhead">{title}<span className="end num">{n(amount)}</span></h2>
      {all.map((pair) => (
        <button key={keyOf(pair)} id={`in-${keyOf(pair)}`} type="button" tabIndex={keyOf(pair) === stop ? 0 : -1} className={`in ${chosen === keyOf(pair) ? "on" : ""}`} aria-current={chosen === keyOf(pair) || undefined} onClick={() => onChoose(pair)}>
          <Avatar name={pair.one.name} size="s32" />
          <span className="col sp"><b className="w5 ell"><bdi>{pair.one.name === pair.other.name ? `${pair.one.name} (2)` : `${pair.one.name}, ${pair.other.name}`}</bdi></b><span className="mut ell row g4"><Copy className="s12" /> {whyOf(pair)}</span></span>
        </button>
      ))}
    </section>
  ))}{found.total > found.pairs.length && <p className="pad8 mut t12"><Trans>The next come up as you decide.</Trans></p>}</>;
}

/** What two cards have in common, before they are compared field by field. */
export function PairCard({ pair, onMerge, onApart }: { pair: PairView; onMerge(): void; onApart(): void }) {
  const facts: [string, string, string][] = [
    [t`Name`, pair.one.name, pair.other.name], [t`Email`, pair.one.email, pair.other.email],
    [t`Phone`, pair.one.phone, pair.other.phone], [t`Company`, pair.one.company, pair.other.company],
  ];
  const [first, second, score] = [pair.one.name, pair.other.name, n(pair.score)];
  return (
    <section className="card" aria-label={t`Duplicate`}>
      <header><span className="bdg inf"><Copy /> <Trans>Duplicate</Trans></span><h3 className="ell"><Trans><bdi>{first}</bdi> and <bdi>{second}</bdi></Trans></h3><span className="mut nw"><Trans>{score} % alike</Trans></span>
        <span className="sp" />
        <button type="button" className="btn gh" onClick={onApart}><Ban /> <Trans>Not the same</Trans> <span className="kbd">X</span></button>
        <button type="button" className="btn pri" onClick={onMerge}><MergeIcon /> <Trans>Compare and merge</Trans> <span className="kbd">Enter</span></button>
      </header>
      <ul className="pad col g4" aria-label={t`Reasons`}>
        {pair.reasons.map((reason) => <li key={reason.text.template} className={`row g6 ${reason.speaksFor ? "ok" : "mut"}`}>{reason.speaksFor ? <Check /> : <Minus />} {capital(worded(reason.text))}</li>)}
      </ul>
      <dl className="pairof">
        {facts.filter(([, one, other]) => one || other).map(([label, one, other]) => [
          <dt key={label} className="mut">{label}</dt>, <dd key={`${label}1`} className={one ? "ell" : "ell mut"}><bdi>{one || t`empty`}</bdi></dd>, <dd key={`${label}2`} className={other ? "ell" : "ell mut"}><bdi>{other || t`empty`}</bdi></dd>,
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
      <p className="t14">{found?.lookedAt ? t`No duplicates are left to decide.` : found ? t`Not looked for since Cardfile was opened.` : t`Reading`}</p>
      <p className="mut"><Trans>Cards that share a mailbox, a phone, or a company and a name are compared. Nothing merges alone.</Trans></p>
      <button type="button" className="btn pri" disabled={running} onClick={onFind}><Search /> {running ? t`Looking` : t`Find duplicates`}</button>
    </div>
  );
}

/** `7 pairs, 5 of them likely` */
export const pairsSaid = ({ total, likely }: DuplicatesView) => plural(total, { one: `${n(total)} pair, ${n(likely)} of them likely`, other: `${n(total)} pairs, ${n(likely)} of them likely` });
