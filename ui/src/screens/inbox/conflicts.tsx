import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { GitFork, Link2, Trash2, TriangleAlert, X } from "lucide-react";
import { useState } from "react";
import { useAction } from "../../api/cache";
import type { Conflict } from "../../api/generated/commands";
import { Avatar } from "../../components/avatar";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { ago, contacts, fieldLabel, n } from "../../text/words";
import { allRelinked, allTo, amountOf, keyOfConflict, type Side } from "./deciding";

/** Rows that are drawn; the next come up as they are decided. */
const SHOWN = 200;

export const nameOfConflict = ({ name }: Conflict) => name || t`A contact that is gone`;

/** `Phone, Job title, Radicale` */
function whyOfConflict({ deleted, fields, relink, remoteName }: Conflict): string {
  if (relink) return relink.how === "renamed" ? t`Another ID in ${remoteName}` : t`Another record in ${remoteName}`;
  if (deleted === "here") return t`In the bin here, edited in ${remoteName}`;
  if (deleted === "there") return t`Deleted in ${remoteName}, edited here`;
  return [...fields.map(({ field }) => fieldLabel(field)), remoteName].join(", ");
}

interface ListProps {
  conflicts: Conflict[];
  chosen: string | null;
  selected: ReadonlySet<string>;
  onChoose(conflict: Conflict): void;
  /** Selects it, or not; with Shift all from the last one. */
  onSelect(key: string, range: boolean): void;
  onAll(): void;
}

/** What both sides changed: the longest waiting first. */
export function Conflicts({ conflicts, chosen, selected, onChoose, onSelect, onAll }: ListProps) {
  if (conflicts.length === 0) return null;
  const stop = chosen ?? (conflicts[0] ? keyOfConflict(conflicts[0]) : null);
  return (
    <section aria-label={t`Conflicts`} className={selected.size > 0 ? "selecting" : ""}>
      <h2 className="row inhead"><Trans>Conflicts</Trans>{conflicts.length > 1 && selected.size < conflicts.length && <button type="button" className="linkb" onClick={onAll}><Trans>Select all</Trans></button>}<span className="end num">{n(conflicts.length)}</span></h2>
      {conflicts.slice(0, SHOWN).map((one) => {
        const [key, name] = [keyOfConflict(one), nameOfConflict(one)];
        const tab = key === stop ? 0 : -1;
        return (
          <div key={key} className={`cfrow ${selected.has(key) ? "sel" : ""}`}>
            <button type="button" id={`in-${key}`} tabIndex={tab} className={`in ${chosen === key ? "on" : ""}`} aria-current={chosen === key || undefined} aria-keyshortcuts="x" onClick={(event) => (event.shiftKey ? onSelect(key, true) : onChoose(one))}>
              <Avatar name={name} size="s32" />
              <span className="col sp"><b className="w5 ell"><bdi>{name}</bdi></b><span className="mut ell row g4">{one.relink ? <Link2 className="warn" /> : one.deleted === null ? <GitFork className="warn" /> : <Trash2 className="bad" />} <span className="ell">{whyOfConflict(one)}</span></span></span>
              <span className="mut t12 nw cfsince">{ago(one.since)}</span>
            </button>
            <label className="cfpick"><input type="checkbox" tabIndex={tab} aria-label={t`Select ${name}`} checked={selected.has(key)} onChange={(event) => onSelect(key, (event.nativeEvent as MouseEvent).shiftKey === true)} /></label>
          </div>
        );
      })}
      {conflicts.length > SHOWN && <p className="pad8 mut t12"><Trans>The next come up as you decide.</Trans></p>}
    </section>
  );
}

interface ManyProps {
  selected: Conflict[];
  onClear(): void;
  onDecided(text: string, operation: string | null): void;
}

/** Decides all that are selected in one way, once the person saw how much that is. */
export function Many({ selected, onClear, onDecided }: ManyProps) {
  const [side, setSide] = useState<Side | null>(null);
  const [fate, setFate] = useState<"relink" | "apart" | null>(null);
  const amount = selected.length;
  // Whose a record is is of no side.
  const asksWhose = selected.every(({ kind }) => kind === "relink");
  return (
    <div className="inmany" role="group" aria-label={t`What is selected`}>
      <b className="w5 nw num">{plural(amount, { one: `${n(amount)} selected`, other: `${n(amount)} selected` })}</b><span className="sp" />
      {asksWhose ? (
        <>
          <button type="button" className="btn sm" onClick={() => setFate("relink")}><Trans>The same</Trans></button>
          <button type="button" className="btn sm" onClick={() => setFate("apart")}><Trans>Others</Trans></button>
        </>
      ) : (
        <>
          <button type="button" className="btn sm" onClick={() => setSide("mine")}><Trans>Keep mine</Trans></button>
          <button type="button" className="btn sm" onClick={() => setSide("theirs")}><Trans>Take theirs</Trans></button>
        </>
      )}
      <button type="button" className="btn ic gh sm" aria-label={t`Clear the selection`} onClick={onClear}><X /></button>
      {side && <Sure selected={selected.filter(({ kind }) => kind !== "relink")} side={side} onClose={() => setSide(null)} onDecided={onDecided} />}
      {fate && <SureWhose selected={selected} fate={fate} onClose={() => setFate(null)} onDecided={onDecided} />}
    </div>
  );
}

function Sure({ selected, side, onClose, onDecided }: { selected: Conflict[]; side: Side; onClose(): void; onDecided: ManyProps["onDecided"] }) {
  const decide = useAction("conflict_decide");
  const [failure, setFailure] = useState<unknown>(null);
  const { values, binned, deleted, kept } = amountOf(selected, side);
  const whom = contacts(selected.length);
  const total = values + binned + deleted + kept;
  const start = () => !decide.isPending && decide.mutate({ decisions: allTo(selected, side) }, { onSuccess: ({ count, operation }) => onDecided(decidedWords(count), operation), onError: setFailure });
  const isDeleting = binned + deleted > 0;
  return (
    <Dialog title={side === "mine" ? t`Keep mine for ${whom}?` : t`Take theirs for ${whom}?`} width={480} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className={`btn ${isDeleting ? "dgr" : "pri"}`} disabled={decide.isPending}>{plural(total, { one: `Apply ${n(total)} decision`, other: `Apply ${n(total)} decisions` })}</button></>}>
      <ul className="cflines">
        {values > 0 && <li>{side === "mine" ? plural(values, { one: `${n(values)} value of this computer goes there with the next run`, other: `${n(values)} values of this computer go there with the next run` }) : plural(values, { one: `${n(values)} value of theirs comes here now`, other: `${n(values)} values of theirs come here now` })}</li>}
        {kept > 0 && <li>{plural(kept, { one: `${n(kept)} deletion is taken back`, other: `${n(kept)} deletions are taken back` })}</li>}
        {binned > 0 && <li className="row g6"><TriangleAlert className="warn" /> {plural(binned, { one: `${n(binned)} contact goes to the bin here`, other: `${n(binned)} contacts go to the bin here` })}</li>}
        {deleted > 0 && <li className="row g6"><TriangleAlert className="warn" /> {plural(deleted, { one: `${n(deleted)} record is deleted there with the next run`, other: `${n(deleted)} records are deleted there with the next run` })}</li>}
      </ul>
      <p className="t12 mut"><Trans>What a card loses by it stays in its history.</Trans></p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

/** The same for records that may be other people's. */
function SureWhose({ selected, fate, onClose, onDecided }: { selected: Conflict[]; fate: "relink" | "apart"; onClose(): void; onDecided: ManyProps["onDecided"] }) {
  const decide = useAction("conflict_decide");
  const [failure, setFailure] = useState<unknown>(null);
  const decisions = allRelinked(selected, fate);
  const [total, left] = [decisions.length, selected.length - decisions.length];
  const start = () => !decide.isPending && decide.mutate({ decisions }, { onSuccess: ({ count, operation }) => onDecided(decidedWords(count), operation), onError: setFailure });
  return (
    <Dialog title={fate === "relink" ? t`Are they the same people?` : t`Are they other people?`} width={480} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={decide.isPending || total === 0}>{plural(total, { one: `Apply ${n(total)} decision`, other: `Apply ${n(total)} decisions` })}</button></>}>
      <ul className="cflines">
        <li>{fate === "relink" ? plural(total, { one: `${n(total)} card goes on with the record that has another ID`, other: `${n(total)} cards go on with the records that have other IDs` }) : plural(total, { one: `${n(total)} record makes a card of its own with the next run`, other: `${n(total)} records make cards of their own with the next run` })}</li>
        {left > 0 && <li className="row g6"><TriangleAlert className="warn" /> {plural(left, { one: `${n(left)} is left: its new ID belongs to another card`, other: `${n(left)} are left: their new IDs belong to other cards` })}</li>}
      </ul>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

export const decidedWords = (count: number) => (count === 0 ? t`That was decided already` : plural(count, { one: `${n(count)} decision applied`, other: `${n(count)} decisions applied` }));

/** Nothing waits. */
export function NoConflicts() {
  return (
    <div className="empty">
      <GitFork />
      <p className="t14"><Trans>No conflicts wait.</Trans></p>
      <p className="mut"><Trans>When both sides change the same value, both are kept here until you choose. Nothing is overwritten.</Trans></p>
    </div>
  );
}
