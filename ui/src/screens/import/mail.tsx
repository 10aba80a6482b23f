import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, MailX, RotateCcw } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { SenderView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { useSubmitKey } from "../../components/use-submit-key";
import { contacts, day, n } from "../../text/words";
import { worded } from "../../text/worded";

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
    return <main className="main"><div className="head"><span className="crumb"><Trans>Imports</Trans></span><h1><Trans>Mail</Trans></h1></div><div className="empty"><MailX /><p className="t14">{sentence(mail.error)}</p><button type="button" className="btn" onClick={onChoose}><Trans>Choose another file</Trans></button></div></main>;
  const data = mail.data;
  const isKept = (sender: SenderView) => changed.get(sender.key) ?? sender.leftOut === null;
  const senders = data?.senders ?? [];
  const kept = senders.filter(isKept);
  const fresh = kept.filter((sender) => sender.contact === null);
  const toggle = (sender: SenderView) => setChanged(new Map(changed).set(sender.key, !isKept(sender)));
  const start = () =>
    keep.mutate({ file, keys: kept.map((sender) => sender.key), texts }, {
      onSuccess: ({ count: amount, operation }) => {
        const people = contacts(amount);
        toast(amount > 0 ? t`Kept ${people} from mail` : t`Nothing changed: all of it was here`, operation ? () => undo.mutate({ id: operation }) : undefined);
      },
      ifShown: onDone,
      onError: (error) => toast(sentence(error)),
    });
  const [read, found, silent] = [data?.messages ?? 0, data?.total ?? 0, data?.rejected ?? 0];
  const messages = plural(read, { one: `${n(read)} message`, other: `${n(read)} messages` });
  const addresses = plural(found, { one: `${n(found)} address`, other: `${n(found)} addresses` });
  const [made, updated, shown] = [fresh.length, n(kept.length - fresh.length), n(senders.length)];
  return (
    <main className="main">
      <div className="head"><span className="crumb"><Trans>Imports</Trans></span><h1>{data?.name ?? t`Mail`}</h1><span className="bdg inf"><Trans>Nothing written yet</Trans></span><span className="sp" /><button type="button" className="btn" onClick={onChoose}><Trans>Choose another file</Trans></button></div>
      <form className="mailform" aria-busy={mail.isPending} onSubmit={(event) => { event.preventDefault(); if (kept.length > 0) start(); }}>
        <div className="scroll page">
          <section className="card">
            <header><h2>{data ? t`${messages}, ${addresses}` : t`Reading`}</h2>
              <span className="mut end">{silent > 0 && `${plural(silent, { one: `${n(silent)} message says no sender.`, other: `${n(silent)} messages say no sender.` })} `}{texts ? t`Texts become conversations` : t`Texts are not read`}</span></header>
            <table className="tbl mailtbl">
              <thead><tr><th><span className="visually-hidden"><Trans>Keep</Trans></span></th><th><Trans>Address</Trans></th><th className="r"><Trans>Mails</Trans></th><th><Trans>When</Trans></th><th><Trans>Proposal</Trans></th></tr></thead>
              <tbody>
                {senders.map((sender) => {
                  const { address, leftOut } = sender;
                  const name = <bdi>{sender.name || address}</bdi>;
                  return (
                    <tr key={sender.key} className={isKept(sender) ? "" : "mut"}>
                      <td><input type="checkbox" aria-label={t`Keep ${address}`} checked={isKept(sender)} onChange={() => toggle(sender)} /></td>
                      <td className="mono ell"><bdi>{address}</bdi></td>
                      <td className="r num">{n(sender.messages)}</td>
                      <td className="nw"><bdi>{span(sender)}</bdi></td>
                      <td className="ell">{sender.contact ? <Trans><b className="w5">{name}</b> is here, gets these times</Trans> : leftOut && !isKept(sender) ? t`left out, ${{ reason: worded(leftOut) }}` : <Trans><b className="w5">{name}</b> new card</Trans>}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
            {data && data.total > senders.length && <p className="pad mut"><Trans>The first {shown} are shown, new people first. The others are not kept.</Trans></p>}
          </section>
        </div>
        <footer className="act">
          <span className="row g6"><RotateCcw /> <b className="w5"><Trans>You can undo this at any time.</Trans></b></span>
          <span className="sp" />
          <label className="row g6"><input type="checkbox" checked={texts} onChange={(event) => setTexts(event.target.checked)} /> <Trans>Keep what they wrote as conversations</Trans></label>
          <button type="submit" className="btn pri" disabled={kept.length === 0 || keep.isPending}><Check /> {kept.length === 0 ? t`Nobody chosen` : plural(made, { one: `Make ${n(made)} card, update ${updated}`, other: `Make ${n(made)} cards, update ${updated}` })} <span className="kbd">Ctrl</span><span className="kbd">Enter</span></button>
        </footer>
      </form>
    </main>
  );
}

function span({ first, last }: SenderView): string {
  if (!first || !last) return "";
  const [from, to] = [day(new Date(first)), day(new Date(last))];
  return from === to ? from : t`${from} to ${to}`;
}
