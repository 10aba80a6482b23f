import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Ban, Check, ChevronDown, ChevronUp, FileX, Maximize2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { AsideView, ConflictsView, Refused } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { isTyping } from "../../commands";
import { Avatar } from "../../components/avatar";
import { useToast } from "../../components/toast";
import { ago, fieldLabel, n } from "../../text/words";
import { worded } from "../../text/worded";
import { Again } from "./fates";
import { Value } from "./value";

/** What was not taken: a write that a remote refuses, or a record that cannot be read. */
export type Aside = { what: "write"; one: Refused } | { what: "record"; one: AsideView };

export const asidesOf = (found: ConflictsView | undefined): Aside[] => [
  ...(found?.refused ?? []).map((one): Aside => ({ what: "write", one })),
  ...(found?.aside ?? []).map((one): Aside => ({ what: "record", one })),
];

/** By this the list knows it. */
export const keyOfAside = (aside: Aside) => (aside.what === "write" ? `write-${aside.one.pair}` : `record-${aside.one.remote}-${aside.one.key}`);

/** The end of an address is what tells records apart. */
const endOf = (key: string) => decoded(key.replace(/\/+$/, "").split("/").pop() || key);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const nameOfAside = (aside: Aside) => (aside.what === "write" ? aside.one.name || t`A contact that is gone` : endOf(aside.one.key));

function whyOfAside({ what, one }: Aside): string {
  const remote = one.remoteName;
  return what === "write" ? t`Not taken by ${remote}` : t`Cannot be read from ${remote}`;
}

interface ListProps {
  asides: Aside[];
  chosen: string | null;
  onChoose(aside: Aside): void;
}

/** What was not taken, writes first. */
export function Asides({ asides, chosen, onChoose }: ListProps) {
  if (asides.length === 0) return null;
  const stop = chosen ?? (asides[0] ? keyOfAside(asides[0]) : null);
  return (
    <section aria-label={t`Not taken`}>
      <h2 className="row inhead"><Trans>Not taken</Trans><span className="end num">{n(asides.length)}</span></h2>
      {asides.map((aside) => {
        const [key, name] = [keyOfAside(aside), nameOfAside(aside)];
        return (
          <button key={key} type="button" id={`in-${key}`} tabIndex={key === stop ? 0 : -1} className={`in ${chosen === key ? "on" : ""}`} aria-current={chosen === key || undefined} onClick={() => onChoose(aside)}>
            <Avatar name={name} size="s32" />
            <span className="col sp"><b className="w5 ell"><bdi>{name}</bdi></b><span className="mut ell row g4">{aside.what === "write" ? <Ban className="bad" /> : <FileX className="warn" />} <span className="ell">{whyOfAside(aside)}</span></span></span>
            <span className="mut t12 nw">{ago(aside.one.since)}</span>
          </button>
        );
      })}
    </section>
  );
}

interface PaneProps {
  aside: Aside;
  /** Its number in the list, from 1, and how many there are. */
  at: number;
  total: number;
  onStep(by: number): void;
  onDecided(text: string): void;
  onContact(id: string): void;
}

/** Why it was not taken, in the words of who refused it, and what becomes of it. */
export function AsidePane({ aside, at, total, onStep, onDecided, onContact }: PaneProps) {
  const [chosen, setChosen] = useState<"retry" | "dismiss" | null>(null);
  const write = useAction("conflict_decide");
  const record = useAction("aside_decide");
  const toast = useToast();
  const box = useRef<HTMLElement>(null);
  const isBusy = write.isPending || record.isPending;
  const apply = () => {
    if (!chosen || isBusy) return;
    const after = { onSuccess: () => onDecided(chosen === "retry" ? t`It is tried again with the next run` : t`Dismissed`), onError: (error: unknown) => toast(sentence(error)) };
    if (aside.what === "write") write.mutate({ decisions: [{ pair: aside.one.pair, field: null, choice: chosen, text: "" }] }, after);
    else record.mutate({ remote: aside.one.remote, key: aside.one.key, choice: chosen }, after);
  };
  const onKey = (event: KeyboardEvent) => {
    // A key that is held decides nothing: the next one was not seen yet.
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target) || document.querySelector("[aria-modal=true]")) return;
    const key = event.key.toLowerCase();
    const on = event.target instanceof HTMLElement ? event.target : null;
    // Other buttons keep their Enter.
    const isRow = on?.closest(".in")?.id === `in-${keyOfAside(aside)}`;
    const isFree = !(on instanceof HTMLButtonElement) || on.role === "radio" || isRow;
    if (key === "enter" && isFree && chosen) apply();
    else if (key === "enter" && isRow) box.current?.querySelector<HTMLElement>("[role=radio][tabindex='0']")?.focus();
    else if (key === "j" || key === "l") onStep(1);
    else if (key === "k") onStep(-1);
    else if (key === "1" || key === "2") setChosen(key === "1" ? "retry" : "dismiss");
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
  const { one } = aside;
  const [name, place, last, remote] = [nameOfAside(aside), n(at), n(total), one.remoteName];
  const contact = aside.what === "write" ? aside.one.contact : "";
  return (
    <main className="main" ref={box} aria-label={t`Not taken`}>
      <div className="head">
        <span className="bdg warn">{aside.what === "write" ? <Ban /> : <FileX />} <Trans>Not taken</Trans></span><h2 className="title ell"><bdi>{name}</bdi></h2><span className="t12 mut num nw">{t`${place} of ${{ total: last }}`}</span>
        <span className="sp" />
        {contact && <button type="button" className="btn gh" onClick={() => onContact(contact)}><Maximize2 /> <Trans>Open card</Trans></button>}
        <button type="button" className="btn ic gh" aria-label={t`Previous`} disabled={at <= 1} onClick={() => onStep(-1)}><ChevronUp /></button>
        <button type="button" className="btn ic gh" aria-label={t`Next`} disabled={at >= total} onClick={() => onStep(1)}><ChevronDown /></button>
      </div>
      <div className="scroll cfbody">
        <div className="cftop">
          <h3 className="t20">{aside.what === "write" ? t`${remote} does not take what this card says` : t`A record in ${remote} cannot be read`}</h3>
          <p className="mut">{aside.what === "write" ? plural(aside.one.times, { one: "It was sent once and is sent no more.", other: `It was sent ${n(aside.one.times)} times and is sent no more.` }) : t`It stays there as it is, and nothing of it is here.`}</p>
        </div>
        <section className="card" aria-labelledby="why-title">
          <header><h3 id="why-title">{aside.what === "write" ? t`What ${remote} said` : t`Why`}</h3></header>
          <p className="pad mono cfraw"><bdi>{aside.what === "write" ? aside.one.reason : worded(aside.one.reason)}</bdi></p>
        </section>
        {aside.what === "write" ? <Unwritten refused={aside.one} /> : <Body key={keyOfAside(aside)} record={aside.one} />}
        <Again isWrite={aside.what === "write"} chosen={chosen} onChoose={setChosen} />
      </div>
      <div className="act">
        <button type="button" className="btn pri" disabled={!chosen || isBusy} onClick={apply}><Check /> <Trans>Apply</Trans> <span className="kbd">Enter</span></button>
        <button type="button" className="btn" disabled={at >= total} onClick={() => onStep(1)}><Trans>Later</Trans> <span className="kbd">L</span></button>
        <span className="sp" />
        <span className="hint mergehint"><span className="kbd">J</span><span className="kbd">K</span> <Trans>next, previous</Trans></span>
        <span className="hint mergehint"><span className="kbd">1</span><span className="kbd">2</span> <Trans>choose</Trans></span>
      </div>
    </main>
  );
}

/** What was to be written. */
function Unwritten({ refused }: { refused: Refused }) {
  return (
    <section className="card" aria-labelledby="unwritten-title">
      <header><h3 id="unwritten-title"><Trans>What was sent</Trans></h3></header>
      {refused.values.length === 0 ? <p className="pad mut"><Trans>The record was to be deleted.</Trans></p> : (
        <dl className="cfresult">{refused.values.map(({ field, value }) => <div key={field}><dt className="mut ell">{fieldLabel(field)}</dt><dd className="w5"><Value text={value} /></dd></div>)}</dl>
      )}
    </section>
  );
}

/** The record as the remote wrote it. */
function Body({ record }: { record: AsideView }) {
  const found = useCommand("aside_body", { remote: record.remote, key: record.key }, record.hasBody);
  const said = found.error ? sentence(found.error) : !record.hasBody ? t`It was not given to us.` : null;
  return (
    <section className="card" aria-labelledby="body-title">
      <header><h3 id="body-title"><Trans>As it is written there</Trans></h3><span className="t12 mut ell ltr" title={record.key}>{record.key}</span></header>
      {said ? <p className="pad mut">{said}</p> : <pre className="pad mono cfraw" role="region" tabIndex={0} aria-labelledby="body-title" aria-busy={!found.data}>{found.data?.body}</pre>}
    </section>
  );
}

/** Everything was taken. */
export function NoAsides() {
  return (
    <div className="empty">
      <FileX />
      <p className="t14"><Trans>Nothing was refused.</Trans></p>
      <p className="mut"><Trans>Records that cannot be read and writes that a server does not take stand here with its reason.</Trans></p>
    </div>
  );
}
