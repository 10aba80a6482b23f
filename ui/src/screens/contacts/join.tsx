import { ArrowRight, Link2, Search, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { LinkView, NearView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { useToast } from "../../components/toast";
import { useSettled } from "../../components/use-settled";
import { count, fieldLabel, PARTS, told } from "../../text/en";
import type { Link } from "./field-rows";
import type { Undoing } from "../../components/tool";

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
  const start = () => shown && !run.isPending && run.mutate({ ...request, seen: shown.to?.id ?? null }, {
    onSuccess: (made) => { toast(shown.to ? `Linked to ${shown.to.name}` : "External ID added", undoing(made.operation)); onJoined(made.id); },
    onError: (error) => toast(sentence(error)),
  });
  return (
    <Dialog title={`Link ${title} to …`} onClose={onClose} onSubmit={start} width={560}
      buttons={<><button type="button" className="btn" onClick={onClose}>Cancel</button><button type="submit" className="btn pri" disabled={!shown || run.isPending}><Link2 /> {shown?.to ? `Link to ${shown.to.name}` : "Add external ID"} <span className="kbd">Enter</span></button></>}>
      <div className="row g8">
        <span className="inp sp"><Search /><input aria-label="Id, external ID or email of the other card" placeholder="Id, external ID or email of the other card" value={text} onChange={(event) => setText(event.target.value)} /></span>
        <span className="inp" style={{ width: 160 }}><input aria-label="Remote of the external ID" placeholder="At any remote" value={remote} onChange={(event) => setRemote(event.target.value)} /></span>
      </div>
      {typed !== "" && plan.error && !plan.isPlaceholderData && <p className="note bad" role="alert"><TriangleAlert /><span>{sentence(plan.error)}. With its remote beside it, an external ID that nobody has is given to this card.</span></p>}
      {shown && (
        <>
          {shown.to ? (
            <p className="row g8 joins"><b className="ell"><bdi>{title}</bdi></b><ArrowRight className="flip" /><b className="ell"><bdi>{shown.to.name}</bdi></b><span className="mut ell">{shown.to.about}</span></p>
          ) : (
            <p className="mut">Nobody has this external ID. This card gets it, and is a visitor no more.</p>
          )}
          <dl className="ifclaim t12" aria-label="What will happen">
            {shown.moves.map(([kind, amount]) => <div key={kind}><dt>Moves there</dt><dd>{count(amount, ...(PARTS[kind] ?? [kind, kind]))}</dd></div>)}
            {shown.changes.map((change) => <div key={change.field}><dt>{fieldLabel(change.field)}</dt><dd className="ell"><bdi>{told(change.old) || "empty"}</bdi> to <bdi>{told(change.new) || "empty"}</bdi></dd></div>)}
            {shown.to && <div><dt>This card</dt><dd>goes; one undo brings it back</dd></div>}
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
        <p className="w5">Not this one, though nearly. Ids are compared byte for byte:</p>
        <ul>{near.map((one) => <li key={`${one.link.connector}${one.link.external_id}${one.card.id}`}><code className="mono">{one.link.external_id}</code> at {one.link.connector}, <bdi>{one.card.name}</bdi>: {one.difference}</li>)}</ul>
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
  const to: Link | null = external === "" ? null : { connector: connector.trim() || "external", scope, external_id: external };
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
    onSuccess: ({ operation }) => { toast(to ? "External ID changed" : "External ID taken away", undoing(operation)); onClose(); },
    onError: (error) => toast(sentence(error)),
  });
  return (
    <Dialog title={from ? `Change an external ID of ${title}` : `Add an external ID to ${title}`} onClose={onClose} onSubmit={start} width={560}
      buttons={<><button type="button" className="btn" onClick={onClose}>Cancel</button><button type="submit" className="btn pri" disabled={!isReady}>{from ? (to ? "Change it" : "Take it away") : "Add it"}</button></>}>
      <div className="row g8">
        <span className="inp sp"><input className="mono" aria-label="Its id there, byte for byte" placeholder="Its id there, byte for byte" value={external} onChange={(event) => setExternal(event.target.value)} /></span>
        <span className="inp" style={{ width: 120 }}><input aria-label="Remote" placeholder="Remote" value={connector} onChange={(event) => setConnector(event.target.value)} /></span>
        <span className="inp" style={{ width: 120 }}><input aria-label="Account or inbox" placeholder="Account, inbox" value={scope} onChange={(event) => setScope(event.target.value)} /></span>
      </div>
      <ul className="says">
        {from && <li>The next sync with <b>{from.connector}</b> no longer reads or writes its record <code className="mono">{from.external_id}</code>.</li>}
        {to && !same && <li>Sync with <b>{to.connector}</b>{scope && <> in {scope}</>} will read and write its record <code className="mono">{to.external_id}</code>. Those who log in with it there are taken for {title}.</li>}
        {from && to && <li>Emptied, it is taken away.</li>}
        {answer?.losesVerification && <li>The identity was verified by the old one, and is verified no more.</li>}
        <li>One undo takes it back.</li>
      </ul>
      {!same && isSettled && plan.error && <p className="note bad" role="alert"><TriangleAlert /><span>{sentence(plan.error)}</span></p>}
      {answer?.owner && <p className="note bad" role="alert"><TriangleAlert /><span><bdi>{answer.owner.name}</bdi> has this external ID. If the two are one person, link this card to it.</span></p>}
      {answer && <Near near={answer.near} />}
    </Dialog>
  );
}
