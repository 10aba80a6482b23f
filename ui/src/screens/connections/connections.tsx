import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ChevronRight, Plug, Plus, Shield, Sparkles } from "lucide-react";
import { useEffect, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { FieldRule, RemoteView, RunPreview, RunView } from "../../api/generated/commands";
import { isCommandError, sentence } from "../../api/host";
import { Failure } from "../../components/failure";
import { Mark } from "../../components/mark";
import { useToast } from "../../components/toast";
import { useListKeys } from "../../components/use-list-keys";
import { n } from "../../text/words";
import { worded } from "../../text/worded";
import { Connect } from "./connect";
import { FieldMap } from "./field-map";
import { changedRules, flowOf } from "./flow";
import { type Other, OtherPlace, OtherRows } from "./others";
import { type Busy, Remote } from "./remote";
import { flowWords, lastWords, State, WayIcon } from "./state";
import "./connections.css";

interface Props {
  /** The dialog that connects another one is open. */
  connecting: boolean;
  onConnecting(connecting: boolean): void;
  onInbox(): void;
  /** Goes to the programs on this computer that may ask. */
  onAgents(): void;
}

/** What this workspace is connected to, and the one that is looked at. */
export function Connections({ connecting, onConnecting, onInbox, onAgents }: Props) {
  const agents = useCommand("agent_list", {});
  const list = useCommand("remote_list", {});
  const hooks = useCommand("webhook_list", {});
  const sync = useAction("remote_sync");
  const look = useAction("remote_preview");
  const undo = useAction("history_undo");
  const toast = useToast();
  const [chosen, setChosen] = useState<string | null>(null);
  /** The one that was just connected. */
  const [fresh, setFresh] = useState<string | null>(null);
  const [mapping, setMapping] = useState(false);
  /** A webhook, the drop folder or hints, when one of these is looked at. */
  const [other, setOther] = useState<Other | null>(null);
  const [busy, setBusy] = useState<Busy | null>(null);
  const [previews, setPreviews] = useState<Record<string, RunPreview>>({});
  /** Rules that were changed and not kept, by connection and field. */
  const [drafts, setDrafts] = useState<Record<string, Record<string, FieldRule>>>({});
  const { refetch } = list;
  // A run may have begun by itself since it was last read.
  useEffect(() => void refetch(), [refetch]);
  const remotes = list.data?.remotes ?? [];
  const remote = remotes.find(({ id }) => id === chosen) ?? remotes[0];
  const fail = (error: unknown) => toast(isCommandError(error) && error.code === "cancelled" ? t`Stopped. Nothing was changed.` : sentence(error));
  const undoing = (operation: string | null) => (operation ? () => undo.mutate({ id: operation }, { onError: fail }) : undefined);
  const forget = (id: string) => setPreviews(({ [id]: _, ...others }) => others);
  const tell = (name: string, run: RunView) => {
    const [came, went] = [n(run.counts.pulled), n(run.counts.pushed + run.counts.merged)];
    if (run.state === "done") toast(t`Synced with ${name}: ${came} in, ${went} out`, undoing(run.operation));
    else if (run.state === "cancelled") toast(t`Stopped. What was done so far stays, as one step.`, undoing(run.operation));
    else toast(run.state === "asks" ? t`${name} asks before it goes on` : t`${name}: ${{ why: worded(run.message) }}`);
  };
  const start = ({ id, name }: RemoteView) => {
    setBusy({ id, what: "sync" });
    forget(id);
    sync.mutate({ id }, { onSuccess: (run) => { setBusy(null); tell(name, run); }, onError: (error) => { setBusy(null); fail(error); } });
  };
  const preview = ({ id }: RemoteView) => {
    setBusy({ id, what: "preview" });
    forget(id);
    look.mutate({ id }, { onSuccess: (found) => { setBusy(null); if (found.run.state === "cancelled") toast(t`Stopped. Nothing was changed.`); else setPreviews((all) => ({ ...all, [id]: found })); }, onError: (error) => { setBusy(null); fail(error); } });
  };
  const discard = (id: string) => setDrafts(({ [id]: _, ...others }) => others);
  const draftOf = ({ id, fields }: RemoteView) => fields.map((rule) => drafts[id]?.[rule.field] ?? rule);
  const onKey = useListKeys("con-", remotes.map(({ id }) => id), remote?.id, (id) => { setOther(null); setChosen(id); });
  const dialog = connecting && list.data && <Connect kinds={list.data.kinds} onClose={() => onConnecting(false)} onConnected={(id) => { onConnecting(false); setMapping(false); setOther(null); setChosen(id); setFresh(id); }} />;
  if (mapping && remote)
    return (
      <div className="split">
        <FieldMap key={remote.id} remote={remote} draft={draftOf(remote)} onBack={() => setMapping(false)}
          onRule={(rule) => setDrafts((all) => ({ ...all, [remote.id]: { ...all[remote.id], [rule.field]: rule } }))} onDiscard={() => discard(remote.id)} onSaved={() => void refetch().then(() => discard(remote.id))} />
        {dialog}
      </div>
    );
  return (
    <div className="split">
      <section className="conside" aria-label={t`Connections`}>
        <div className="head"><h1><Trans>Connections</Trans></h1><span className="sp" /><button type="button" className={`btn ${list.data && remotes.length === 0 ? "pri" : ""}`} onClick={() => onConnecting(true)}><Plus /> <Trans>Connect</Trans></button></div>
        {list.error && <div className="pad8"><Failure error={list.error} /></div>}
        <ul className="scroll conrows" aria-busy={!list.data} onKeyDown={onKey}>
          {remotes.map((one) => (
            <li key={one.id}>
              <button type="button" id={`con-${one.id}`} className={`conrow ${!other && one.id === remote?.id ? "on" : ""}`} aria-current={(!other && one.id === remote?.id) || undefined} onClick={() => { setOther(null); setChosen(one.id); }}>
                <Mark name={one.name} size="s32" />
                <span className="sp conwords">
                  <span className="row"><b className="w6 ell sp"><bdi>{one.name}</bdi></b><State remote={one} /></span>
                  <span className="row g6 mut t12"><WayIcon way={flowOf(one.fields).way} /><span className="ell">{flowWords(one)}</span></span>
                  <span className="t12 fnt num ell">{lastWords(one)}</span>
                </span>
              </button>
            </li>
          ))}
          <OtherRows other={other} onOther={setOther} />
        </ul>
        <div className="confoot"><button type="button" className="conrow" onClick={onAgents}><Sparkles /><span className="sp conwords"><b className="w6"><Trans>Agents on this computer</Trans></b><span className="t12 mut ell">{agentsSaid(agents.data?.clients.filter(({ state }) => state === "on").length ?? 0, agents.data?.stopped ?? false)}</span></span><ChevronRight className="flip" /></button></div>
        <div className="confoot conlast"><div className="note t12"><Shield /><span className="mut">{remotes.length + (hooks.data?.webhooks.length ?? 0) > 0 ? t`Nothing leaves this computer except to the systems above.` : t`Nothing leaves this computer: no system is connected.`}</span></div></div>
      </section>
      {other ? (
        <OtherPlace other={other} onOther={setOther} />
      ) : remote ? (
        <Remote key={remote.id} remote={remote} busy={busy} preview={previews[remote.id]} fresh={fresh === remote.id} onLooked={() => setFresh(null)} unsaved={changedRules(draftOf(remote), remote.fields).length}
          onMap={() => setMapping(true)} onSync={() => start(remote)} onPreview={() => preview(remote)} onPreviewClosed={() => forget(remote.id)} onInbox={onInbox} />
      ) : (
        <main className="main">{list.data && <div className="empty"><Plug /><p className="t14"><Trans>No system is connected.</Trans></p><p className="mut"><Trans>Connect a system, and contacts go both ways: compared first, approved field by field, no edit overwritten, each run one step back.</Trans></p><button type="button" className="btn" onClick={() => onConnecting(true)}><Plug /> <Trans>Connect a system</Trans></button></div>}</main>
      )}
      {dialog}
    </div>
  );
}

/** `2 clients may ask` */
function agentsSaid(on: number, stopped: boolean): string {
  if (stopped) return t`all are stopped`;
  return on === 0 ? t`none may ask` : plural(on, { one: `${n(on)} client may ask`, other: `${n(on)} clients may ask` });
}
