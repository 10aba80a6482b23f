import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Ban, Copy, Pause, ShieldAlert, Sparkles, TriangleAlert, Zap } from "lucide-react";
import { useState } from "react";
import { useAction } from "../../api/cache";
import type { AgentParts, AgentsView, AgentView } from "../../api/generated/commands";
import { isCommandError, sentence } from "../../api/host";
import { Mark } from "../../components/mark";
import { useToast } from "../../components/toast";
import { ago, capital, isLately, n } from "../../text/words";
import { Calls } from "./calls";
import { Configuration, Overrule, Revoke } from "./dialogs";
import { Fields } from "./fields";
import { Grant } from "./grant";
import { Preview } from "./preview";
import { Proposals } from "./proposals";
import { State } from "./state";
import { isSame, onto } from "./words";

interface Props {
  kept: AgentView;
  found: AgentsView;
  onContact(id: string): void;
}

/** What somebody wants to do that the review speaks against. */
type Against = ({ deed: "on" } | { deed: "put"; client: AgentParts; seen: AgentParts }) & { said?: string };

/** One client: what it may read and exactly what it sees, whom, what it proposes, and every call of it. */
export function Client({ kept, found, onContact }: Props) {
  const { client, state } = kept;
  const put = useAction("agent_put");
  const turnOn = useAction("agent_on");
  const turnOff = useAction("agent_off");
  const toast = useToast();
  /** The fields that were chosen and not kept yet, and those that stood there before. */
  const [draft, setDraft] = useState<{ seen: string[]; fields: string[] } | null>(null);
  const [against, setAgainst] = useState<Against | null>(null);
  const [asking, setAsking] = useState<"configuration" | "revoke" | null>(null);
  // Only fields are a draft; those that are not there any more go with the next change that is kept.
  const there = (keys: string[]) => keys.filter((key) => found.fields.some((one) => one.key === key));
  const shown = { ...client, fields: there(draft ? onto(client.fields, draft.seen, draft.fields) : client.fields) };
  const isChanged = state !== "revoked" && !isSame(shown, client);
  const { name } = client;
  const fail = (deed: Against) => (error: unknown) => {
    if (!isCommandError(error) || error.code !== "refused") return toast(capital(sentence(error)));
    setAgainst({ ...deed, said: sentence(error) });
  };
  const save = (parts: AgentParts, seen: AgentParts, reason = "", after?: { onDone(): void; onFailed(error: unknown): void }) => put.mutate({ client: parts, seen, reason }, {
    onSuccess: () => {
      after?.onDone();
      // Fields that were ticked beside it stay a draft.
      setDraft((was) => (was && !isSame({ ...parts, fields: was.fields }, parts) ? was : null));
      setAgainst(null);
      toast(t`Kept: it holds from the next call of ${name}`);
    },
    // A dialog that asked for it says itself what is wrong.
    onError: after?.onFailed ?? (reason ? (error) => toast(capital(sentence(error))) : fail({ deed: "put", client: parts, seen })),
  });
  const start = (reason = "") => turnOn.mutate({ id: client.id, reason }, { onSuccess: () => { setAgainst(null); toast(t`${name} is on`); }, onError: reason ? (error) => toast(capital(sentence(error))) : fail({ deed: "on" }) });
  const pause = () => turnOff.mutate({ id: client.id }, { onSuccess: () => toast(t`${name} is paused: whatever it asks is refused`), onError: (error) => toast(capital(sentence(error))) });
  const isBusy = put.isPending || turnOn.isPending || turnOff.isPending;
  const [last, reads] = [kept.lastCall ? ago(kept.lastCall) : "", n(kept.calls)];
  const close = () => setAsking(null);
  return (
    <main className="main" aria-label={name}>
      <div className="head aghead">
        <Mark name={name} /><h2 className="title ell"><bdi>{name}</bdi></h2><State client={kept} isStopped={found.stopped} /><span className="bdg rem"><Sparkles /> MCP</span><span className="t12 fnt num ell agwhen">{!last ? t`it never asked` : isLately(kept.lastCall) ? t`last call ${last} ago; ${reads} answered in 30 days` : t`last call on ${last}; ${reads} answered in 30 days`}</span>
        <span className="sp" />
        {state !== "revoked" && <button type="button" className="btn gh" onClick={() => setAsking("configuration")}><Copy /> <span className="word"><Trans>Copy configuration</Trans></span></button>}
        {state === "on" && <button type="button" className="btn" disabled={isBusy} onClick={pause}><Pause /> <span className="word"><Trans>Pause</Trans></span></button>}
        {state === "paused" && <button type="button" className="btn pri" disabled={isBusy || isChanged} title={isChanged ? t`Keep what you changed first.` : undefined} onClick={() => start()}><Zap /> <span className="word"><Trans>Turn on</Trans></span></button>}
        {state !== "revoked" && <button type="button" className="btn dgr" onClick={() => setAsking("revoke")}><Ban /> <span className="word"><Trans>Revoke</Trans></span></button>}
      </div>
      <div className="scroll agbody">
        {kept.reason && state === "on" && <p className="note warn agwhole"><ShieldAlert /><span className="sp"><b className="w5"><Trans>On although the review says no</Trans></b><br /><bdi>{kept.reason}</bdi></span></p>}
        {client.sort === "customer" && !found.hasKey && state !== "revoked" && <p className="note agwhole"><TriangleAlert className="warn" /><span className="sp"><Trans>There is no key yet by which people prove who they are: each time you are asked whether the client may see a card.</Trans></span></p>}
        <Fields shown={shown} kept={client} all={found.fields} isFixed={state === "revoked"} isChanged={isChanged} isBusy={isBusy} onFields={(fields) => setDraft({ seen: client.fields, fields })} onSave={() => save(shown, client)} onDiscard={() => setDraft(null)} />
        <Preview client={shown} kept={kept} isStopped={found.stopped} isChanged={isChanged} />
        <Grant kept={kept} found={found} onSave={(parts, seen, reason, after) => save({ ...parts, fields: there(seen.fields) }, seen, reason, after)} isFixed={state === "revoked"} isBusy={isBusy} onContact={onContact} />
        <Proposals client={client} onContact={onContact} />
        <Calls client={client} fields={found.fields} onContact={onContact} />
      </div>
      {against && <Overrule id={client.id} name={name} isOn={against.deed === "on"} said={against.said ?? ""} isBusy={isBusy} onClose={() => setAgainst(null)} onReason={(reason) => (against.deed === "on" ? start(reason) : save(against.client, against.seen, reason))} />}
      {asking === "configuration" && <Configuration client={client} onClose={close} />}
      {asking === "revoke" && <Revoke client={client} onClose={close} />}
    </main>
  );
}
