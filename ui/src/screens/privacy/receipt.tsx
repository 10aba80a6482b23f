import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { CircleCheck, Clock, EyeOff, Mail, RefreshCw, Save, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { Receipt, Recipient } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Failure } from "../../components/failure";
import { FileTarget, useTarget } from "../../components/file-target";
import { Mark } from "../../components/mark";
import { Print } from "../../components/paper";
import { useToast } from "../../components/toast";
import { moment, n, rowsOf, share } from "../../text/words";
import { ReceiptFacts, ReceiptPaper } from "./receipt-paper";
import { RecipientLetter } from "./recipient-letter";
import { codeWord, deliveryWord, erasureWord } from "./words";

/** The receipt of the erasure that was done for a request, if one was. */
export function useReceipt(erasure: string | null) {
  const found = useCommand("erasure_get", { id: erasure ?? "" }, erasure !== null);
  return { receipt: erasure === null ? undefined : found.data, failure: found.error };
}

/** The receipt of an erasure as it stands: what is proven where, and what is still to be done. */
export function ReceiptCard({ receipt }: { receipt: Receipt }) {
  const retry = useAction("erasure_retry");
  const toast = useToast();
  const [saving, setSaving] = useState(false);
  const [look, word] = erasureWord(receipt);
  const [of, all] = receipt.proven;
  const [done, places] = [n(of), n(all)];
  const { erasure, facts } = receipt;
  const number = useCommand("erasure_list", {}).data?.numbers[erasure] ?? "";
  const isDone = receipt.ended_at !== null;
  const waits = receipt.recipients.some(({ state }) => state === "queued" || state === "acked") || receipt.state === "pending";
  return (
    <section className="card" aria-labelledby={`receipt-${erasure}`}>
      <header><h4 id={`receipt-${erasure}`}><Trans>Receipt</Trans></h4><span className="num mut">{number}</span><span className={`bdg end ${look}`} role="status">{word}</span></header>
      <div className="pad col pvgap">
        <div className="row"><span className="av s32" aria-hidden><EyeOff /></span><span className="col sp"><b className="w5"><Trans>Erased person</Trans></b><span className="mono fnt ell" data-text>{facts.subject}</span></span></div>
        <div className="row between"><span className="mut"><Trans>Proof from {done} of {places} places</Trans></span><span className="num w5">{share(of, all)}</span></div>
        <span className="prog"><i style={{ width: `${(100 * of) / all}%` }} /></span>
        <ul className="pvplaces">
          <Here receipt={receipt} />
          {receipt.recipients.map((one) => <Place key={one.delivery} one={one} />)}
          {facts.backups.length > 0 && <li><Mark name="B" /><span className="col sp"><span className="w5"><Trans>Backups</Trans></span><span className="t12 mut">{plural(facts.backups.length, { one: `${n(facts.backups.length)} from before: a restore erases the person again`, other: `${n(facts.backups.length)} from before: a restore erases the person again` })}</span></span></li>}
        </ul>
        {receipt.state === "pending" && <p className="note warn"><TriangleAlert /><span><Trans>Deleted, and another program still reads old pages of the file. It is finished as soon as that program ends.</Trans></span></p>}
        {receipt.recipients.some(({ came_back }) => came_back) && <p className="note bad" role="alert"><TriangleAlert /><span><Trans>A record was there again after it had gone: somebody brought it back. It is deleted anew.</Trans></span></p>}
        {receipt.returns > 0 && <p className="note"><TriangleAlert /><span>{plural(receipt.returns, { one: `Turned away ${n(receipt.returns)} time since: by an import, a connection or another program`, other: `Turned away ${n(receipt.returns)} times since: by imports, connections or other programs` })}</span></p>}
        <ReceiptFacts receipt={receipt} />
        {saving && <SaveReceipt erasure={erasure} onSaved={() => setSaving(false)} />}
      </div>
      <footer className="noprint">
        {waits && <button type="button" className="btn sm" disabled={retry.isPending} onClick={() => retry.mutate({ id: erasure }, { onSuccess: () => toast(t`Tried again`), onError: (error) => toast(sentence(error)) })}><RefreshCw /> <Trans>Try now</Trans></button>}
        <button type="button" className="btn sm" aria-expanded={saving} onClick={() => setSaving(!saving)}><Save /> <Trans>Save signed</Trans></button>
        <Print small /><span className="sp" /><span className="t12 mut">{isDone ? t`Nothing is left to be done` : t`It goes on by itself`}</span>
      </footer>
      <ReceiptPaper receipt={receipt} />
    </section>
  );
}

/** What was found on this computer after the deed. */
function Here({ receipt: { facts, state } }: { receipt: Receipt }) {
  const rows = rowsOf(Object.values(facts.rows).reduce((sum, amount) => sum + amount, 0));
  const looked = facts.verification;
  const scanned = looked?.files_scanned ?? 0;
  const left = (looked?.rows_left ?? 0) + (looked?.texts_found ?? 0) + (looked?.bytes_found ?? 0);
  // Nobody knew any more what to look for.
  const isBlind = looked === null || looked.texts_found === null || looked.bytes_found === null;
  const files = plural(scanned, { one: `${n(scanned)} file looked through`, other: `${n(scanned)} files looked through` });
  return (
    <li><Mark name={t`This computer`} /><span className="col sp"><span className="w5"><Trans>This computer</Trans></span><span className="t12 mut">{rows}, {files}</span></span>
      {state === "pending" ? <span className="row g4 t12 nw warn"><Clock /> <Trans>waiting</Trans></span> : isBlind && left === 0 ? <span className="row g4 t12 warn"><TriangleAlert /> <Trans>No rows left. Texts and files could not be checked after a crash.</Trans></span>
        : <span className="row g4 t12 nw">{left === 0 ? <CircleCheck className="ok" /> : <TriangleAlert className="warn" />} {plural(left, { one: `${n(left)} left`, other: `${n(left)} left` })}</span>}</li>
  );
}

/** One who had the data. */
function Place({ one }: { one: Recipient }) {
  const told = useAction("erasure_told");
  const toast = useToast();
  const [writing, setWriting] = useState(false);
  const { name, next_at } = one;
  const next = next_at && one.state !== "acked" ? moment(new Date(next_at)) : "";
  const isProven = one.state === "confirmed" || one.state === "told";
  return (
    <li><Mark name={name} /><span className="col sp"><span className="w5 ell"><bdi>{name}</bdi></span><span className="t12 mut">{[codeWord(one.code), next && t`tried next ${next}`].filter(Boolean).join(", ")}</span></span>
      <span className="row g4 t12">{isProven ? <CircleCheck className="ok" /> : <Clock className={one.code ? "warn" : "acc"} />} {deliveryWord(one)}</span>
      {one.state === "manual" && <button type="button" className="btn sm noprint" aria-label={t`Letter to ${name}`} onClick={() => setWriting(true)}><Mail /> <Trans>Letter</Trans></button>}
      {writing && <RecipientLetter delivery={one.delivery} onClose={() => setWriting(false)} onTold={() => told.mutate({ id: one.delivery }, { onSuccess: () => { setWriting(false); toast(t`${name} was told`); }, onError: (error) => toast(sentence(error)) })} />}
    </li>
  );
}

/** The receipt as a file, with a signature beside it that anybody can check. */
function SaveReceipt({ erasure, onSaved }: { erasure: string; onSaved(): void }) {
  const save = useAction("erasure_save");
  const toast = useToast();
  const [failure, setFailure] = useState<unknown>(null);
  const [target, setTarget] = useTarget(`${erasure}.json`);
  const start = () => target.file && !save.isPending && save.mutate({ id: erasure, file: target.file, replace: target.asked }, { onSuccess: ({ file }) => { onSaved(); toast(t`The receipt is in ${file}, its signature beside it`); }, onError: setFailure });
  return (
    <form className="col pvgap" onSubmit={(event) => { event.preventDefault(); start(); }}>
      <div className="row"><FileTarget target={target} onTarget={setTarget} label={t`File of the receipt`} /><button type="submit" className="btn pri" disabled={target.file === "" || save.isPending}><Trans>Save</Trans></button></div>
      {failure !== null && <Failure error={failure} />}
    </form>
  );
}
