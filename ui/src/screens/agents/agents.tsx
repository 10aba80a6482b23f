import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Ban, Bot, ChevronRight, Plus, Power, Shield, Sparkles } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { AgentsView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Failure } from "../../components/failure";
import { Mark } from "../../components/mark";
import { useToast } from "../../components/toast";
import { capital, n } from "../../text/words";
import { Client } from "./client";
import { NewClient } from "./dialogs";
import { State } from "./state";
import { clientWords } from "./words";
import "./agents.css";

interface Props {
  onConnections(): void;
  onContact(id: string): void;
}

/** Programs that may know of whom they talk with what a person approved, and the one that is looked at. */
export function Agents({ onConnections, onContact }: Props) {
  const list = useCommand("agent_list", {});
  const [chosen, setChosen] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const found = list.data;
  const clients = found?.clients ?? [];
  const open = clients.find(({ client }) => client.id === chosen) ?? clients[0];
  const onKey = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.key === "ArrowDown" || event.key === "j" ? 1 : event.key === "ArrowUp" || event.key === "k" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = clients[clients.findIndex(({ client }) => client.id === open?.client.id) + step];
    if (!next) return;
    setChosen(next.client.id);
    document.getElementById(`ag-${next.client.id}`)?.focus();
  };
  return (
    <div className="split">
      <section className="aglist" aria-label={t`Agents`}>
        <div className="head"><button type="button" className="linkb crumb" onClick={onConnections}><Trans>Connections</Trans><ChevronRight className="flip" /></button><h1><Trans>Agents</Trans></h1><span className="sp" /><button type="button" className={`btn ic ${found && clients.length === 0 ? "pri" : ""}`} aria-label={t`New client`} title={t`New client`} onClick={() => setAdding(true)}><Plus /></button></div>
        {list.error && <div className="pad8"><Failure error={list.error} /></div>}
        {found && clients.length > 0 && <Door found={found} />}
        <ul className="scroll agrows" aria-busy={!found} onKeyDown={onKey}>
          {clients.map((one) => (
            <li key={one.client.id}>
              <button type="button" id={`ag-${one.client.id}`} className={`agrow ${one === open ? "on" : ""}`} aria-current={one === open || undefined} onClick={() => setChosen(one.client.id)}>
                <Mark name={one.client.name} size="s32" />
                <span className="sp agwords">
                  <span className="row"><b className="w6 ell sp"><bdi>{one.client.name}</bdi></b><State client={one} isStopped={found?.stopped ?? false} /></span>
                  <span className="row g6 mut t12"><Sparkles /><span className="ell">{clientWords(one, found?.fields.length ?? 0)}</span></span>
                </span>
              </button>
            </li>
          ))}
        </ul>
        <div className="agfoot"><div className="note t12"><Shield /><span className="mut"><Trans>Agents are started on this computer and answered over pipes: no port is open. Secrets are never readable by any client.</Trans></span></div></div>
      </section>
      {open && found ? (
        <Client key={open.client.id} kept={open} found={found} onContact={onContact} />
      ) : (
        <main className="main">{found && <div className="empty"><Bot /><p className="t14"><Trans>No agent knows anything.</Trans></p><p className="mut"><Trans>Let a program know of the person it talks with exactly the fields that you approve. It sees nobody before they are verified, and what it wants to write waits for you.</Trans></p><button type="button" className="btn" onClick={() => setAdding(true)}><Plus /> <Trans>New client</Trans></button></div>}</main>
      )}
      {adding && found && <NewClient found={found} onClose={() => setAdding(false)} onMade={(id) => { setAdding(false); setChosen(id); }} />}
    </div>
  );
}

/** Whether agents get anything at all, and the one switch that stops them. */
function Door({ found }: { found: AgentsView }) {
  const stop = useAction("agent_stop");
  const toast = useToast();
  const on = found.clients.filter(({ state }) => state === "on").length;
  const may = plural(on, { one: `${n(on)} client may ask`, other: `${n(on)} clients may ask` });
  const did = found.askedToday > 0 ? t`${{ count: n(found.askedToday) }} did today` : t`none did today`;
  const turn = (stopped: boolean) => !stop.isPending && stop.mutate({ stopped }, { onSuccess: () => toast(stopped ? t`All clients are stopped: whatever they ask is refused` : t`Clients may ask again`), onError: (error) => toast(capital(sentence(error))) });
  return (
    <section className="agdoor" aria-label={t`Whether agents get anything`}>
      <div className="row">
        <Power className={found.stopped ? "fnt" : "ok"} /><b className="w6 sp">{found.stopped ? t`All clients are stopped` : t`Clients may ask`}</b>
        <button type="button" role="switch" aria-checked={!found.stopped} aria-label={t`Clients may ask`} className="agswitch" disabled={stop.isPending} onClick={() => turn(!found.stopped)}><span className={`sw ${found.stopped ? "" : "on"}`} /></button>
      </div>
      <p className="t12 mut">{found.stopped ? t`Whatever they ask is refused, and what they could see has ended.` : t`This computer only. ${may}, ${did}.`}</p>
      {!found.stopped && <button type="button" className="btn dgr" disabled={stop.isPending} onClick={() => turn(true)}><Ban /> <Trans>Stop all clients now</Trans></button>}
    </section>
  );
}
