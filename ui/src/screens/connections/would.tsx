import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Laptop, RefreshCw, TriangleAlert, X } from "lucide-react";
import { useEffect, useRef } from "react";
import type { RemoteView, RunPreview, TotalsView } from "../../api/generated/commands";
import { Mark } from "../../components/mark";
import { capital, n } from "../../text/words";
import { fieldsWorded, worded } from "../../text/worded";
import { writes } from "./flow";

/** What a run does on each side, in figures. */
export function Would({ would, name }: { would: TotalsView; name: string }) {
  const sides: [string, [string, number][]][] = [
    ["here", [[t`New contacts here`, would.createdHere], [t`Contacts that get values`, would.pulled], [t`Contacts to the bin`, would.deletedHere]]],
    ["there", [[t`New records there`, would.createdThere], [t`Records that get values`, would.pushed], [t`Records deleted there`, would.deletedThere]]],
  ];
  return (
    <div className="conwould">
      {sides.map(([side, lines]) => (
        <section key={side} aria-label={side === "here" ? t`On this computer` : t`At ${name}`}>
          <h4 className="row g6">{side === "here" ? <Laptop /> : <Mark name={name} size="s16" />} <bdi className="ell">{side === "here" ? t`On this computer` : name}</bdi></h4>
          <dl>{lines.map(([label, amount]) => <div key={label}><dt>{label}</dt><dd className={amount > 0 ? "w5" : "fnt"}>{n(amount)}</dd></div>)}</dl>
        </section>
      ))}
      <dl className="conheld"><div><dt><Trans>Wait for you, on both sides as they are</Trans></dt><dd className={would.held > 0 ? "w5 warn" : "fnt"}>{n(would.held)}</dd></div></dl>
    </div>
  );
}

interface Props {
  remote: RemoteView;
  found: RunPreview;
  /** Something else is under way. */
  busy: boolean;
  onSync(): void;
  onClose(): void;
}

/** What a run would do. Nothing was written to find it out. */
export function Preview({ remote, found, busy, onSync, onClose }: Props) {
  const amount = writes(found.would);
  const isFound = found.run.state === "previewed";
  // It was asked for at the top of a page that may be scrolled away from it.
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <section ref={box} className="card conpreview" aria-labelledby="preview-title">
      <header><h3 id="preview-title"><Trans>What a run would do</Trans></h3><span className="bdg inf"><Trans>Nothing written</Trans></span><span className="sp" />
        <button type="button" className="btn ic gh sm" aria-label={t`Close`} onClick={onClose}><X /></button></header>
      {isFound ? <Would would={found.would} name={remote.name} /> : <p className="pad" role="alert"><bdi>{capital(worded(found.run.message))}</bdi></p>}
      {found.questions.length > 0 && (
        <ul className="conasked" aria-label={t`It would ask first`}>
          {found.questions.map((question, at) => <li key={at} className="row g8"><TriangleAlert className="warn" /> <span>{capital(fieldsWorded(question))}</span></li>)}
        </ul>
      )}
      <footer>
        {isFound && <button type="button" className="btn pri" disabled={busy || remote.state === "off" || amount === 0} onClick={onSync}><RefreshCw /> {amount === 0 ? t`Nothing to do` : plural(amount, { one: `Sync now, ${n(amount)} change`, other: `Sync now, ${n(amount)} changes` })}</button>}
        <span className="t12 mut">{remote.state === "off" ? t`A run may write once the connection is turned on.` : found.questions.length > 0 ? t`It asks you before it goes on.` : t`What is done here is one step that you can undo.`}</span>
      </footer>
    </section>
  );
}
