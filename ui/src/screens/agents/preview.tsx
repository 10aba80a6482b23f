import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, ChevronDown, EyeOff, Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { AgentParts, AgentView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Avatar } from "../../components/avatar";
import { Failure } from "../../components/failure";
import { Popover } from "../../components/popover";
import { useToast } from "../../components/toast";
import { useSettled } from "../../components/use-settled";
import { bytes, capital, n } from "../../text/words";
import { worded } from "../../text/worded";
import { fieldCount } from "./words";

interface Card {
  id: string;
  name: string;
}

interface Props {
  /** As it would be kept. */
  client: AgentParts;
  kept: AgentView;
  /** All clients are stopped: nobody is let see anything. */
  isStopped: boolean;
  isChanged: boolean;
}

/** Exactly the answer that a client would get of one card: what was approved, and what of it is known. */
export function Preview({ client, kept, isStopped, isChanged }: Props) {
  const [chosen, setChosen] = useState<Card | null>(null);
  const first = useCommand("view_open", { query: "", filter: "", sort: ["-last_seen"], inBin: false, inTexts: false });
  const rows = useCommand("view_rows", { view: first.data?.view ?? 0, from: 0, to: 1 }, first.data !== undefined && first.data.total > 0);
  const latest = rows.data?.rows[0];
  // It stays the one that is looked at, whoever is seen later.
  useEffect(() => { if (chosen === null && latest) setChosen({ id: latest.id, name: latest.name }); }, [chosen, latest]);
  const card = chosen ?? (latest ? { id: latest.id, name: latest.name } : null);
  const seen = useCommand("agent_preview", { client, contact: card?.id ?? "" }, card !== null);
  // What was read before it went is not shown any more, nor how it was called.
  const isGone = !seen.isPlaceholderData && !seen.error && seen.data?.gone === true;
  const [read, unread] = [seen.data ? fieldCount(seen.data.given.length) : "", seen.data?.withheld ?? 0];
  const size = seen.data ? bytes(seen.data.bytes) : "";
  return (
    <section className="card agcard agpreview" aria-labelledby="agsees">
      <header><h3 id="agsees"><Trans>Exactly what it sees</Trans></h3><span className="sp" />{card && <Chooser card={isGone ? null : card} onChoose={setChosen} />}</header>
      {isGone ? <p className="pad mut sp" role="status"><Trans>This card is in the bin or gone: choose another one.</Trans></p> : seen.error ? <div className="pad sp"><Failure error={seen.error} /></div> : card === null && first.data ? <p className="pad mut sp"><Trans>There is no card to look at yet.</Trans></p> : (
        <pre className="mono" data-text tabIndex={0} role="region" aria-labelledby="agsees" aria-busy={!seen.data || seen.isPlaceholderData}>{seen.data && !seen.data.gone && <Json value={seen.data.json} />}</pre>
      )}
      {seen.data && !seen.data.gone && card && !seen.error && (
        <footer className="t12 mut">
          {seen.data.barred ? <span className="row g4 warn"><EyeOff /> {capital(worded(seen.data.barred))}</span> : <span className="row g4 ok"><Check /> {t`${read}, ${size}`}</span>}
          <span className="sp" /><span className="ell">{plural(unread, { one: `${n(unread)} field is not read, so it cannot leak`, other: `${n(unread)} fields are not read, so they cannot leak` })}</span>
          {kept.state === "on" && !isStopped && client.sort === "customer" && !isChanged && !seen.data.barred && !seen.isPlaceholderData && <Let kept={kept} card={card} />}
        </footer>
      )}
    </section>
  );
}

/** Lets the client see this card without a proof, for a while. */
function Let({ kept: { client, grants }, card }: { kept: AgentView; card: Card }) {
  const grant = useAction("agent_grant");
  const toast = useToast();
  if (grants.some(({ contact }) => contact === card.id)) return <span className="bdg inf"><Trans>may see it now</Trans></span>;
  const [name, who] = [client.name, card.name];
  const start = () => !grant.isPending && grant.mutate({ client: client.id, contact: card.id, minutes: null }, { onSuccess: () => toast(t`${name} may see ${who} for now`), onError: (error) => toast(capital(sentence(error))) });
  return <button type="button" className="btn sm" disabled={grant.isPending} onClick={start}><Trans>Let it see this card</Trans></button>;
}

/** A card by its name, found as it is typed. */
function Chooser({ card, onChoose }: { card: Card | null; onChoose(card: Card): void }) {
  const label = card ? <><Avatar name={card.name} /> <span className="ell sp"><bdi>{card.name}</bdi></span></> : <span className="ell sp"><Trans>Another card</Trans></span>;
  return (
    <Popover className="btn sm agwho" title={t`Another card`} label={<>{label} <ChevronDown /></>}>
      {(close) => <Found onChoose={(one) => { onChoose(one); close(); }} />}
    </Popover>
  );
}

function Found({ onChoose }: { onChoose(card: Card): void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  // Whoever types on and presses Enter means who is found then.
  const [isTaken, setTaken] = useState(false);
  const wanted = useSettled(text.trim());
  const view = useCommand("view_open", { query: wanted, filter: "", sort: wanted ? ["name"] : ["-last_seen"], inBin: false, inTexts: false });
  const rows = useCommand("view_rows", { view: view.data?.view ?? 0, from: 0, to: 6 }, view.data !== undefined);
  const isCurrent = wanted === text.trim() && !view.isPlaceholderData && rows.data !== undefined && !rows.isPlaceholderData;
  const people = (rows.data?.rows ?? []).filter((row) => row !== null);
  useEffect(() => setAt(0), [wanted]);
  const step = (by: number) => setAt(Math.max(0, Math.min(people.length - 1, at + by)));
  const found = people[at];
  useEffect(() => {
    if (!isTaken || !isCurrent) return;
    setTaken(false);
    if (found) onChoose({ id: found.id, name: found.name });
  }, [isTaken, isCurrent, found, onChoose]);
  return (
    <div className="col g8 agfound">
      <label className="inp"><Search /><input aria-label={t`Find a card`} placeholder={t`A name, an email, a phone`} value={text} onChange={(event) => { setText(event.target.value); setTaken(false); }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") step(1);
          else if (event.key === "ArrowUp") step(-1);
          else if (event.key === "Enter") setTaken(true);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }} /></label>
      <ul aria-label={t`Cards found`}>
        {people.map((row, place) => <li key={row.id}><button type="button" className={`pi ${place === at ? "on" : ""}`} onClick={() => onChoose({ id: row.id, name: row.name })}><Avatar name={row.name} /> <span className="ell sp"><bdi>{row.name}</bdi></span> <span className="t12 mut ell"><bdi>{row.company || row.email}</bdi></span></button></li>)}
      </ul>
      {isCurrent && people.length === 0 && <p className="mut"><Trans>Nobody is called that.</Trans></p>}
    </div>
  );
}

/** The answer as it is sent, with its keys marked. */
function Json({ value }: { value: unknown }) {
  const text = JSON.stringify(value, null, 2) ?? "";
  return <>{text.split("\n").map((line, at) => {
    const [, space = "", key = "", rest = line] = /^(\s*)("(?:[^"\\]|\\.)*")(: .*)$/.exec(line) ?? [];
    return <span key={at}>{space}{key && <i className={key === '"kind"' ? "kind" : ""}>{key}</i>}{rest}{"\n"}</span>;
  })}</>;
}
