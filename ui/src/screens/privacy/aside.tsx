import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Copy, Mail, MailCheck } from "lucide-react";
import { useState } from "react";
import { host, useAction } from "../../api/cache";
import type { AuditView, RequestDetailView, RequestView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { Paper, Print } from "../../components/paper";
import { useToast } from "../../components/toast";
import { capital, moment } from "../../text/words";
import { worded } from "../../text/worded";
import { Article } from "./parts";
import { channelWord, dayWords, eventWord, letterWord, rightWord, TONGUES } from "./words";

/** What is known of a request, its letters, and what was done with it. */
export function Aside({ detail }: { detail: RequestDetailView }) {
  const { request, letters, trail } = detail;
  return (
    <div className="colm pvside">
      <Facts request={request} />
      <Letters request={request} letters={letters} />
      <section className="card" aria-labelledby="trail-title">
        <header><h3 id="trail-title"><Trans>What was done</Trans></h3></header>
        <ol className="pvtrail">{trail.map((entry) => <Entry key={entry.entry} entry={entry} />)}</ol>
      </section>
    </div>
  );
}

function Facts({ request }: { request: RequestView }) {
  const { received, due, lawGivesUntil, extensionReason, replyTo, channel, language, note, number, subject, purpose } = request;
  const until = lawGivesUntil ? dayWords(lawGivesUntil) : "";
  const tongue = TONGUES.find(([key]) => key === language)?.[1] ?? language;
  const facts: [string, React.ReactNode][] = [
    [t`Asked for`, <span key="right">{rightWord(request.right)}, <Article article={request.article} /></span>],
    [t`Received`, dayWords(received)],
    [t`Answer by`, <b key="due" className="w5">{dayWords(due)}</b>],
    [t`Legal limit`, until],
    [t`Longer because`, extensionReason && <bdi key="extensionReason">{extensionReason}</bdi>],
    [t`Identifier`, subject && <bdi key="subject">{subject}</bdi>],
    [t`Answer to`, replyTo && <bdi key="replyTo">{replyTo}</bdi>],
    [t`How it came`, channel && channelWord(channel)],
    [t`Language`, tongue],
    [t`Purpose`, purpose && <bdi key="purpose">{purpose}</bdi>],
    [t`Note`, note && <bdi key="note">{note}</bdi>],
    [t`Number`, <span key="number" className="num">{number}</span>],
  ];
  return (
    <section className="card" aria-labelledby="facts-title">
      <header><h3 id="facts-title"><Trans>The request</Trans></h3></header>
      <dl className="pvfacts pad">{facts.filter(([, value]) => value !== "").map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>
    </section>
  );
}

/** Letters for which there is something to write about. Looking at one is no deed; nothing is sent from here. */
function Letters({ request, letters }: { request: RequestView; letters: string[] }) {
  const write = useAction("request_letter");
  const toast = useToast();
  const sent = useAction("request_letter_sent");
  const [open, setOpen] = useState<{ letter: Letter; text: string } | null>(null);
  const mark = (letter: Letter) => !sent.isPending && sent.mutate({ id: request.id, letter }, { onSuccess: () => { setOpen(null); toast(t`Written down as sent`); }, onError: (error) => toast(sentence(error)) });
  const start = (letter: Letter) => !write.isPending && write.mutate({ id: request.id, letter }, { onSuccess: ({ text }) => setOpen({ letter, text }), onError: (error) => toast(sentence(error)) });
  return (
    <section className="card noprint" aria-labelledby="letters-title">
      <header><h3 id="letters-title"><Trans>Letters</Trans></h3><span className="mut end"><Trans>nothing is sent from here</Trans></span></header>
      <ul className="pvletters">{letters.map((letter) => <li key={letter}><button type="button" className="linkb" disabled={write.isPending} onClick={() => start(letter as Letter)}><Mail /> {letterWord(letter)}</button></li>)}</ul>
      {open && <LetterDialog title={letterWord(open.letter)} begin={open.text} onClose={() => setOpen(null)} onSent={() => mark(open.letter)} />}
    </section>
  );
}

type Letter = "received" | "identity" | "extension" | "refusal" | "done" | "lifting";

/** A letter to be looked over, then copied or printed and sent in the way the person used. */
function LetterDialog({ title, begin, onClose, onSent }: { title: string; begin: string; onClose(): void; onSent(): void }) {
  const [text, setText] = useState(begin);
  const toast = useToast();
  const copy = () => void host.writeText(text).then(() => toast(t`Copied`), (error) => toast(sentence(error)));
  return (
    <Dialog title={title} width={640} onClose={onClose} onSubmit={copy}
      buttons={<><Print /><span className="sp" /><button type="button" className="btn" onClick={onClose}><Trans>Close</Trans></button><button type="button" className="btn" onClick={onSent}><MailCheck /> <Trans>Mark as sent</Trans></button><button type="submit" className="btn pri"><Copy /> <Trans>Copy</Trans></button></>}>
      <textarea className="pvletter" rows={18} aria-label={title} value={text} onChange={(event) => setText(event.target.value)} />
      <Paper><pre data-text>{text}</pre></Paper>
    </Dialog>
  );
}

/** One thing that was done. It names nobody. */
function Entry({ entry }: { entry: AuditView }) {
  const { actor, at, says } = entry;
  return (
    <li>
      <p className="row"><b className="w5 sp">{eventWord(entry.event)}</b><time className="t12 mut nw" dateTime={at}><bdi>{moment(new Date(at))}</bdi></time></p>
      <p className="t12 mut"><bdi>{actor}</bdi></p>
      {says && <p className="t12 mut"><bdi>{capital(worded(says))}</bdi></p>}
    </li>
  );
}
