import { Check, MailX, RotateCcw } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { SenderView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { useSubmitKey } from "../../components/use-submit-key";
import { contacts, count, day, n } from "../../text/en";

/** Files that are mail and not contacts. */
export const isMail = (file: string) => /\.(mbox|mbx|eml)$/i.test(file) || /(^|[\\/])(Maildir|mbox|Inbox|Sent)$/i.test(file);

interface Props {
  file: string;
  onChoose(): void;
  onDone(): void;
}

/** Who wrote, grouped by address. Nothing is made before it is confirmed. */
export function Mail({ file, onChoose, onDone }: Props) {
  const mail = useCommand("mail_propose", { file });
  const keep = useAction("mail_keep");
  const undo = useAction("history_undo");
  const toast = useToast();
  /** What a person changed; everybody else is as proposed. */
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [texts, setTexts] = useState(false);
  useSubmitKey();
  if (mail.error)
    return <main className="main"><div className="head"><span className="crumb">Imports</span><h1>Mail</h1></div><div className="empty"><MailX /><p className="t14">{sentence(mail.error)}</p><button type="button" className="btn" onClick={onChoose}>Choose another file</button></div></main>;
  const data = mail.data;
  const isKept = (sender: SenderView) => changed.get(sender.key) ?? sender.leftOut === null;
  const senders = data?.senders ?? [];
  const kept = senders.filter(isKept);
  const fresh = kept.filter((sender) => sender.contact === null);
  const toggle = (sender: SenderView) => setChanged(new Map(changed).set(sender.key, !isKept(sender)));
  const start = () =>
    keep.mutate({ file, keys: kept.map((sender) => sender.key), texts }, {
      onSuccess: ({ count: amount, operation }) => {
        toast(amount > 0 ? `Kept ${contacts(amount)} from mail` : "Nothing changed: all of it was here", operation ? () => undo.mutate({ id: operation }) : undefined);
        onDone();
      },
      onError: (error) => toast(sentence(error)),
    });
  return (
    <main className="main">
      <div className="head"><span className="crumb">Imports</span><h1>{data?.name ?? "Mail"}</h1><span className="bdg inf">Nothing written yet</span><span className="sp" /><button type="button" className="btn" onClick={onChoose}>Choose another file</button></div>
      <form className="mailform" aria-busy={mail.isPending} onSubmit={(event) => { event.preventDefault(); if (kept.length > 0) start(); }}>
        <div className="scroll page">
          <section className="card">
            <header><h2>{data ? `${count(data.messages, "message", "messages")}, ${count(data.total, "address", "addresses")}` : "Reading"}</h2>
              <span className="mut end">{data && data.rejected > 0 && `${count(data.rejected, "message says", "messages say")} no sender. `}{texts ? "Texts become conversations" : "Texts are not read"}</span></header>
            <table className="tbl mailtbl">
              <thead><tr><th><span className="visually-hidden">Keep</span></th><th>Address</th><th className="r">Mails</th><th>When</th><th>Proposal</th></tr></thead>
              <tbody>
                {senders.map((sender) => (
                  <tr key={sender.key} className={isKept(sender) ? "" : "mut"}>
                    <td><input type="checkbox" aria-label={`Keep ${sender.address}`} checked={isKept(sender)} onChange={() => toggle(sender)} /></td>
                    <td className="mono ell"><bdi>{sender.address}</bdi></td>
                    <td className="r num">{n(sender.messages)}</td>
                    <td className="nw"><bdi>{span(sender)}</bdi></td>
                    <td className="ell">{sender.contact ? <><b className="w5"><bdi>{sender.name || sender.address}</bdi></b> is here, gets these times</> : sender.leftOut && !isKept(sender) ? <>left out, {sender.leftOut}</> : <><b className="w5"><bdi>{sender.name || sender.address}</bdi></b> new card</>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {data && data.total > senders.length && <p className="pad mut">The first {n(senders.length)} are shown, new people first. The others are not kept.</p>}
          </section>
        </div>
        <footer className="act">
          <span className="row g6"><RotateCcw /> <b className="w5">You can undo this at any time.</b></span>
          <span className="sp" />
          <label className="row g6"><input type="checkbox" checked={texts} onChange={(event) => setTexts(event.target.checked)} /> Keep what they wrote as conversations</label>
          <button type="submit" className="btn pri" disabled={kept.length === 0 || keep.isPending}><Check /> {kept.length === 0 ? "Nobody chosen" : `Make ${count(fresh.length, "card", "cards")}, update ${n(kept.length - fresh.length)}`} <span className="kbd">Ctrl</span><span className="kbd">Enter</span></button>
        </footer>
      </form>
    </main>
  );
}

function span({ first, last }: SenderView): string {
  if (!first || !last) return "";
  const [from, to] = [day(new Date(first)), day(new Date(last))];
  return from === to ? from : `${from} to ${to}`;
}
