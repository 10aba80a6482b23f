import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { AgentActionParts, AgentParts, PurposeView } from "../../api/generated/commands";
import { isCommandError } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { Tool } from "../../components/tool";

interface Props {
  client: AgentParts;
  tools: string[];
  purposes: PurposeView[];
  /** It is being looked at whether the change can be kept. */
  isBusy: boolean;
  onClose(): void;
  /** With how the client was when it was opened, and the reason for what the review speaks against. What fails is told here, and everything stays as it was typed. */
  onSave(client: AgentParts, seen: AgentParts, reason: string, onFailed: (error: unknown) => void): void;
}

/** Words that actions and fields are called by, as examples. */
const [ACTION, FIELDS] = ["refund", "name, payments"];
const DAY = /^\d{4}-\d\d-\d\d$/;
/** The whole of a day counts, as it is here. */
const endOf = (day: string) => (DAY.test(day) ? new Date(`${day}T23:59:59`).toISOString() : null);
const dayOf = (iso: string | null) => (iso ? new Date(Date.parse(iso) - new Date(iso).getTimezoneOffset() * 60_000).toISOString().slice(0, 10) : "");
/** Keys as they are typed: commas part them, or blanks. */
const keysOf = (typed: string[]) => typed.join(",").split(/[,\s]+/).filter(Boolean);
const count = (text: string, otherwise: number) => { const value = Number.parseInt(text, 10); return Number.isFinite(value) && value > 0 ? value : otherwise; };

/** With which tools a client may ask, how often, what for, for how long, and what its actions get. */
export function ChangeGrant({ client: now, tools, purposes, isBusy, onClose, onSave }: Props) {
  // As it was when this was opened: what others change meanwhile is not taken for a change of this one.
  const [client] = useState(now);
  const [draft, setDraft] = useState(client);
  const [minutes, setMinutes] = useState(String(client.grantMinutes));
  const [calls, setCalls] = useState(String(client.perMinute));
  const [failure, setFailure] = useState<unknown>(null);
  const [reason, setReason] = useState("");
  // Only what the review refuses is kept for a reason; else there is something to mend.
  const isRefused = isCommandError(failure) && failure.code === "refused";
  const change = (part: Partial<AgentParts>) => setDraft({ ...draft, ...part });
  const toggle = (tool: string) => change({ tools: draft.tools.includes(tool) ? draft.tools.filter((one) => one !== tool) : [...draft.tools, tool] });
  const action = (at: number, part: Partial<AgentActionParts>) => change({ actions: draft.actions.map((one, place) => (place === at ? { ...one, ...part } : one)) });
  const kept = () => ({ ...draft, actions: draft.actions.map((one) => ({ ...one, fields: keysOf(one.fields) })), grantMinutes: count(minutes, client.grantMinutes), perMinute: count(calls, client.perMinute) });
  const save = () => !isBusy && onSave(kept(), client, isRefused ? reason.trim() : "", setFailure);
  const { name } = client;
  const purposeOf = (label: string, value: string, onValue: (key: string) => void) => (
    <select className="fsel" aria-label={label} value={value} onChange={(event) => onValue(event.target.value)}>
      <option value="">{t`none`}</option>
      {purposes.filter((one) => !one.retired || one.key === value).map((one) => <option key={one.key} value={one.key}>{one.name}</option>)}
    </select>
  );
  return (
    <Dialog title={t`What ${name} may`} width={640} isHeld={isBusy} onClose={onClose} onSubmit={save}
      buttons={<><button type="button" className="btn" disabled={isBusy} onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={isBusy}><Trans>Keep</Trans> <span className="kbd">Enter</span></button></>}>
      <label className="col"><span className="lab"><Trans>Name</Trans></span><span className="inp"><input aria-label={t`Name of the client`} value={draft.name} onChange={(event) => change({ name: event.target.value })} /></span></label>
      <fieldset className="agtools"><legend className="lab"><Trans>Tools</Trans></legend>{tools.map((tool) => <label key={tool} className="row"><input type="checkbox" checked={draft.tools.includes(tool)} onChange={() => toggle(tool)} /> <span className="mono" data-text>{tool}</span></label>)}</fieldset>
      <div className="agthree">
        <label className="col"><span className="lab"><Trans>Purpose</Trans></span>{purposeOf(t`Purpose`, draft.purpose, (purpose) => change({ purpose }))}</label>
        <label className="col"><span className="lab"><Trans>Calls a minute</Trans></span><span className="inp"><input inputMode="numeric" aria-label={t`Calls a minute`} value={calls} onChange={(event) => setCalls(event.target.value)} /></span></label>
        <label className="col"><span className="lab"><Trans>Minutes after a proof</Trans></span><span className="inp"><input inputMode="numeric" aria-label={t`Minutes after a proof`} value={minutes} onChange={(event) => setMinutes(event.target.value)} /></span></label>
        <label className="col"><span className="lab"><Trans>It ends on</Trans></span><span className="inp"><input type="date" aria-label={t`It ends on`} value={dayOf(draft.expiresAt)} onChange={(event) => change({ expiresAt: endOf(event.target.value) })} /></span></label>
      </div>
      <p className="t12 mut"><Trans>With a purpose it is told of nobody who may not be used for it.</Trans></p>
      <div className="col g8">
        <div className="row"><span className="lab sp"><Trans>What single actions of it get instead</Trans></span><button type="button" className="btn sm" onClick={() => change({ actions: [...draft.actions, { tool: "", fields: [], purpose: draft.purpose, expiresAt: null }] })}><Plus /> <Trans>Add an action</Trans></button></div>
        {draft.actions.length > 0 && <div className="agaction aglabels t12 mut" aria-hidden><span>{t`Action`}</span><span>{t`Fields, by key`}</span><span>{t`Purpose`}</span><span>{t`Ends on`}</span></div>}
        {draft.actions.map((one, at) => (
          <div key={at} className="agaction">
            <span className="inp"><input aria-label={t`Name of the action`} placeholder={ACTION} value={one.tool} onChange={(event) => action(at, { tool: event.target.value })} /></span>
            <span className="inp"><input className="mono" aria-label={t`Fields of the action`} placeholder={FIELDS} value={one.fields.join(",")} onChange={(event) => action(at, { fields: event.target.value.split(",") })} /></span>
            {purposeOf(t`Purpose of the action`, one.purpose, (purpose) => action(at, { purpose }))}
            <span className="inp"><input type="date" aria-label={t`End of the action`} value={dayOf(one.expiresAt)} onChange={(event) => action(at, { expiresAt: endOf(event.target.value) })} /></span>
            <Tool name={t`Take the action away`} icon={<Trash2 />} onClick={() => change({ actions: draft.actions.filter((_, place) => place !== at) })} />
          </div>
        ))}
      </div>
      {failure !== null && <Failure error={failure} />}
      {isRefused && <label className="col"><span className="lab"><Trans>Why it is right anyway</Trans></span><span className="inp"><input aria-label={t`Why it is right anyway`} placeholder={t`Kept with the client`} value={reason} onChange={(event) => setReason(event.target.value)} /></span></label>}
    </Dialog>
  );
}
