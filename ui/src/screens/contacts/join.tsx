import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowRight, Link2, Search, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { LinkView, NearView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { useToast } from "../../components/toast";
import { useSettled } from "../../components/use-settled";
import { fieldLabel, partsOf, told } from "../../text/words";
import type { Link } from "./field-rows";
import type { Undoing } from "../../components/tool";
import { worded } from "../../text/worded";

interface Props { id: string; title: string; undoing: Undoing; onClose(): void; onJoined(id: string): void }

/** Link to...: this card becomes part of another, with everything on it. What will happen is said before. */
export function Join({ id, title, undoing, onClose, onJoined }: Props) {
  const [text, setText] = useState("");
  const [remote, setRemote] = useState("");
  // Near misses are looked for among all external IDs: not at every letter.
  const [typed, at] = useSettled(`${text.trim()}\n${remote.trim()}`).split("\n") as [string, string];
  const request = at
    ? { from: id, contact: null, link: { connector: at, scope: "", external_id: typed }, seen: null }
    : { from: id, contact: typed, link: null, seen: null };
  const plan = useCommand("join_preview", request, typed !== "");
  const run = useAction("join_run");
  const toast = useToast();
  const isSettled = typed === text.trim() && at === remote.trim();
  const shown = typed && isSettled && !plan.isPlaceholderData && !plan.error ? plan.data : undefined;
  const other = shown?.to?.name;
  const start = () => shown && !run.isPending && run.mutate({ ...request, seen: shown.to?.id ?? null }, {
    onSuccess: (made) => { toast(other === undefined ? t`External ID added` : t`Linked to ${other}`, undoing(made.operation)); onJoined(made.id); },
    onError: (error) => toast(sentence(error)),
  });
  return (
    <Dialog title={t`Link ${title} to …`} onClose={onClose} onSubmit={start} width={560}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!shown || run.isPending}><Link2 /> {other === undefined ? t`Add external ID` : t`Link to ${other}`} <span className="kbd">Enter</span></button></>}>
      <div className="row g8">
        <span className="inp sp"><Search /><input aria-label={t`Id, external ID or email of the other card`} placeholder={t`Id, external ID or email of the other card`} value={text} onChange={(event) => setText(event.target.value)} /></span>
        <span className="inp" style={{ width: 160 }}><input aria-label={t`Remote of the external ID`} placeholder={t`Its remote, if known`} value={remote} onChange={(event) => setRemote(event.target.value)} /></span>
      </div>
      {typed !== "" && plan.error && !plan.isPlaceholderData && <p className="note bad" role="alert"><TriangleAlert /><span>{sentence(plan.error)}. <Trans>With its remote beside it, an external ID that nobody has is given to this card.</Trans></span></p>}
      {shown && (
        <>
          {shown.to ? (
            <p className="row g8 joins"><b className="ell"><bdi>{title}</bdi></b><ArrowRight className="flip" /><b className="ell"><bdi>{shown.to.name}</bdi></b><span className="mut ell">{shown.to.about}</span></p>
          ) : (
            <p className="mut"><Trans>Nobody has this external ID. This card gets it, and is a visitor no more.</Trans></p>
          )}
          <dl className="ifclaim t12" aria-label={t`What will happen`}>
            {shown.moves.map(([kind, amount]) => <div key={kind}><dt><Trans>Moves there</Trans></dt><dd>{partsOf(kind, amount)}</dd></div>)}
            {shown.changes.map((change) => {
              const [before, after] = [told(change.old) || t`empty`, told(change.new) || t`empty`];
              return <div key={change.field}><dt>{fieldLabel(change.field)}</dt><dd className="ell"><bdi>{before}</bdi> <span aria-hidden>→</span> <span className="visually-hidden"><Trans>becomes</Trans></span> <bdi>{after}</bdi></dd></div>;
            })}
            {shown.to && <div><dt><Trans>This card</Trans></dt><dd><Trans>goes; one undo brings it back</Trans></dd></div>}
          </dl>
          <Near near={shown.near} />
        </>
      )}
    </Dialog>
  );
}

/** External IDs that are nearly the one asked for: why it is not found. */
function Near({ near }: { near: NearView[] }) {
  if (near.length === 0) return null;
  return (
    <div className="note warn"><TriangleAlert />
      <div className="sp">
        <p className="w5"><Trans>Not this one, though nearly. Ids are compared byte for byte:</Trans></p>
        <ul>{near.map(({ link: { connector, external_id: external }, card: { id, name }, difference: said }) => { const difference = worded(said); return <li key={`${connector}${external}${id}`}><Trans><code className="mono">{external}</code> at {connector}, <bdi>{name}</bdi>: {difference}</Trans></li>; })}</ul>
      </div>
    </div>
  );
}

const asView = (link: Link | null): LinkView | null => (link ? { connector: link.connector, scope: link.scope ?? "", external_id: link.external_id } : null);

interface LinkDialogProps { id: string; title: string; from: Link | null; undoing: Undoing; onClose(): void }

/** An external ID is locked: changing it says what it will do first. */
export function LinkDialog({ id, title, from, undoing, onClose }: LinkDialogProps) {
  const [external, setExternal] = useState(from?.external_id ?? "");
  const [connector, setConnector] = useState(from?.connector ?? "external");
  const [scope, setScope] = useState(from?.scope ?? "");
  const remote = connector.trim() || "external";
  const to: Link | null = external === "" ? null : { connector: remote, scope, external_id: external };
  const same = from !== null && to !== null && from.external_id === to.external_id && from.connector === to.connector && (from.scope ?? "") === scope;
  const request = { contact: id, from: asView(from), to: asView(to) };
  const settled = useSettled(JSON.stringify(request));
  const isSettled = settled === JSON.stringify(request);
  const plan = useCommand("link_preview", JSON.parse(settled) as typeof request, !same && isSettled);
  const change = useAction("link_change");
  const toast = useToast();
  // What is known about another request says nothing about this one.
  const answer = !same && isSettled && !plan.isPlaceholderData ? plan.data : undefined;
  const isReady = (to !== null || from !== null) && answer !== undefined && !answer.owner && !change.isPending;
  const start = () => isReady && change.mutate(request, {
    onSuccess: ({ operation }) => { toast(to ? t`External ID changed` : t`External ID taken away`, undoing(operation)); onClose(); },
    onError: (error) => toast(sentence(error)),
  });
  return (
    <Dialog title={from ? t`Change an external ID of ${title}` : t`Add an external ID to ${title}`} onClose={onClose} onSubmit={start} width={560}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!isReady}>{from ? (to ? t`Change it` : t`Take it away`) : t`Add it`}</button></>}>
      <div className="row g8">
        <span className="inp sp"><input className="mono" aria-label={t`Its id there, byte for byte`} placeholder={t`Its id there, byte for byte`} value={external} onChange={(event) => setExternal(event.target.value)} /></span>
        <span className="inp" style={{ width: 120 }}><input aria-label={t`Remote`} placeholder={t`Remote`} value={connector} onChange={(event) => setConnector(event.target.value)} /></span>
        <span className="inp" style={{ width: 120 }}><input aria-label={t`Account or inbox`} placeholder={t`Account, inbox`} value={scope} onChange={(event) => setScope(event.target.value)} /></span>
      </div>
      <ul className="says">
        {from && <li><Trans>The next sync with <b>{from.connector}</b> no longer reads or writes its record <code className="mono">{from.external_id}</code>.</Trans></li>}
        {to && !same && (
          <li>{scope
            ? <Trans>Sync with <b>{remote}</b> in {scope} will read and write its record <code className="mono">{external}</code>. Those who log in with it there are taken for {title}.</Trans>
            : <Trans>Sync with <b>{remote}</b> will read and write its record <code className="mono">{external}</code>. Those who log in with it there are taken for {title}.</Trans>}</li>
        )}
        {from && to && <li><Trans>Leave its id empty to take it away.</Trans></li>}
        {answer?.losesVerification && <li><Trans>The identity was verified by the old one, and is verified no more.</Trans></li>}
        <li><Trans>One undo takes it back.</Trans></li>
      </ul>
      {!same && isSettled && plan.error && <p className="note bad" role="alert"><TriangleAlert /><span>{sentence(plan.error)}</span></p>}
      {answer?.owner && <p className="note bad" role="alert"><TriangleAlert /><span><Trans><bdi>{answer.owner.name}</bdi> has this external ID. If the two are one person, link this card to it.</Trans></span></p>}
      {answer && <Near near={answer.near} />}
    </Dialog>
  );
}
