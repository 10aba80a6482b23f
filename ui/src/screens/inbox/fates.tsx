import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Laptop, Link2, RefreshCw, Trash2, TriangleAlert, Undo2, UserPlus, X } from "lucide-react";
import type { ReactNode } from "react";
import type { Conflict, RelinkView } from "../../api/generated/commands";
import { Mark } from "../../components/mark";
import { type Fate, isOpenTo } from "./deciding";
import { Value } from "./value";

/** One of two ways: its name, its picture, and what comes of it. */
export interface Way<W extends string> {
  way: W;
  icon: ReactNode;
  label: string;
  about: string;
  /** It cannot be gone now. */
  isShut?: boolean;
}

interface FatesProps<W extends string> {
  label: string;
  ways: Way<W>[];
  chosen: W | null;
  onChoose(way: W): void;
}

/** Two ways of which one is gone, by the keys 1 and 2. */
export function Fates<W extends string>({ label, ways, chosen, onChoose }: FatesProps<W>) {
  const open = ways.filter(({ isShut }) => !isShut);
  const stop = chosen ?? open[0]?.way;
  return (
    <div className="cfline cffates" role="radiogroup" aria-label={label} data-field="">
      {ways.map(({ way, icon, label, about, isShut }, at) => (
        <button key={way} type="button" role="radio" aria-checked={chosen === way} disabled={isShut} tabIndex={way === stop ? 0 : -1} className={`cfch ${chosen === way ? "on" : ""}`} onClick={() => onChoose(way)}
          onKeyDown={(event) => {
            if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
            event.preventDefault();
            const to = open.find((other) => other.way !== way);
            if (!to) return;
            onChoose(to.way);
            event.currentTarget.parentElement?.querySelectorAll<HTMLElement>("[role=radio]")[ways.indexOf(to)]?.focus();
          }}>
          <span className="row top between"><span className="cfv row g6">{icon} {label}</span><span className="kbd" aria-hidden>{at + 1}</span></span>
          <small>{about}</small>
        </button>
      ))}
    </div>
  );
}

/** The deletion stands, or both stay. */
export function Deletion({ conflict, fate, onFate }: { conflict: Conflict; fate: Fate | null; onFate(fate: Fate): void }) {
  const { deleted, remoteName } = conflict;
  const ways: Way<Fate>[] = [
    { way: "keep", icon: <Undo2 className="flip" />, label: t`Keep both`, about: deleted === "here" ? (conflict.contact ? t`The contact comes back from the bin.` : t`The record in ${remoteName} makes a new contact here.`) : t`${remoteName} gets a new record from this card.` },
    { way: "delete", icon: <Trash2 className="bad" />, label: t`Delete both`, about: deleted === "here" ? t`The record in ${remoteName} is deleted with the next run.` : t`The contact goes to the bin here, and stays there for 30 days.` },
  ];
  return <Fates label={t`What becomes of it`} ways={ways} chosen={fate} onChoose={onFate} />;
}

/** Whether a record is still theirs: who was known under which ID, who is there now, and what either answer does. */
export function Relinking({ conflict, relink, fate, onFate }: { conflict: Conflict; relink: RelinkView; fate: Fate | null; onFate(fate: Fate): void }) {
  const [{ name, remoteName }, { takenBy }] = [conflict, relink];
  const isRenamed = relink.how === "renamed";
  const ways: Way<Fate>[] = [
    { way: "relink", icon: <Link2 />, label: t`The same person`, isShut: !isOpenTo(conflict, "relink"), about: isRenamed ? t`The card goes on with this record, and its external ID changes.` : t`The card goes on with the new record. What differs waits for you after the next run.` },
    { way: "apart", icon: <UserPlus />, label: t`Another person`, about: isRenamed ? t`The record makes a card of its own. This card stays, and gets a record of its own.` : t`The new record makes a card of its own. This card was deleted there, and goes the way of a deletion.` },
  ];
  return (
    <>
      <dl className="cfline cffates cfids">
        <div className="cfch"><dt className="row g6 mut"><Laptop /> <Trans>On this computer</Trans></dt><dd className="cfv"><bdi>{name || t`A contact that is gone`}</bdi></dd><dd className="mono"><Value text={relink.from} other={relink.to} /></dd></div>
        <div className="cfch"><dt className="row g6 mut"><Mark name={remoteName} size="s16" /> <bdi className="ell">{remoteName}</bdi></dt><dd className="cfv"><bdi>{relink.name || t`No name`}</bdi></dd><dd className="mono"><Value text={relink.to} other={relink.from} /></dd>{relink.email && <dd className="mut">{relink.email.split("\n").map((line) => <bdi key={line}>{line}</bdi>)}</dd>}</div>
      </dl>
      {takenBy !== null && <p className="note warn"><TriangleAlert /><span>{takenBy ? <Trans><bdi>{takenBy}</bdi> goes by the new ID already. Merge the two cards first, or say that it is another person.</Trans> : <Trans>Another record goes by the new ID already.</Trans>}</span></p>}
      <Fates label={t`Whose record it is`} ways={ways} chosen={fate} onChoose={onFate} />
    </>
  );
}

/** What was set aside is tried again, or left. */
export function Again({ isWrite, chosen, onChoose }: { isWrite: boolean; chosen: "retry" | "dismiss" | null; onChoose(way: "retry" | "dismiss"): void }) {
  const ways: Way<"retry" | "dismiss">[] = [
    { way: "retry", icon: <RefreshCw />, label: t`Try again`, about: isWrite ? t`It is sent again as it is with the next run.` : t`It is read again with the next run.` },
    { way: "dismiss", icon: <X />, label: t`Dismiss`, about: isWrite ? t`Both sides stay as they are until the card says something else.` : t`It stays there as it is, and is shown again when it changes.` },
  ];
  return <Fates label={t`What becomes of it`} ways={ways} chosen={chosen} onChoose={onChoose} />;
}
