import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Ban, Check, Copy, TriangleAlert, Zap } from "lucide-react";
import { useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import type { AgentParts, AgentReviewRow, AgentsView } from "../../api/generated/commands";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { capital } from "../../text/words";
import { fieldsWorded, worded } from "../../text/worded";

const SORTS: [AgentParts["sort"], MessageDescriptor, MessageDescriptor][] = [
  ["customer", msg`Customers`, msg`Each has to prove who they are; it sees their card alone, and no lists.`],
  ["staff", msg`Somebody here`, msg`It sees any card that is named to it, and reads saved views.`],
];

/** A program that is to ask. It is off until somebody turns it on. */
export function NewClient({ found, onClose, onMade }: { found: AgentsView; onClose(): void; onMade(id: string): void }) {
  const [name, setName] = useState("");
  const [sort, setSort] = useState<AgentParts["sort"]>("customer");
  const [failure, setFailure] = useState<unknown>(null);
  const put = useAction("agent_put");
  const fields = found.fields.filter(({ standard }) => standard).map(({ key }) => key);
  const client: AgentParts = { id: "", name: name.trim(), sort, fields, tools: found.tools, purpose: "", actions: [], always: [], perMinute: 60, grantMinutes: 60, expiresAt: null };
  const start = () => client.name && !put.isPending && put.mutate({ client, seen: null, reason: "" }, { onSuccess: ({ id }) => onMade(id), onError: setFailure });
  return (
    <Dialog title={t`New client`} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!client.name || put.isPending}><Trans>Make it</Trans> <span className="kbd">Enter</span></button></>}>
      <label className="col"><span className="lab"><Trans>What you call it</Trans></span><span className="inp"><input aria-label={t`What you call it`} placeholder={t`Sales assistant`} value={name} onChange={(event) => setName(event.target.value)} /></span></label>
      <div className="col g8" role="radiogroup" aria-label={t`With whom it talks`}>
        <span className="lab"><Trans>With whom it talks</Trans></span>
        {SORTS.map(([key, label, about]) => (
          <label key={key} className={`agpick ${sort === key ? "on" : ""}`}>
            <input type="radio" name="agsort" className="visually-hidden" checked={sort === key} onChange={() => setSort(key)} />
            <span className={`check rad ${sort === key ? "on" : ""}`} aria-hidden />
            <span className="col sp"><b className="w5">{i18n._(label)}</b><span className="t12 mut">{i18n._(about)}</span></span>
          </label>
        ))}
      </div>
      <p className="t12 mut"><Trans>It starts off, with name, description and preferences approved. Look first at what it would see.</Trans></p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

const ABOUT: Record<AgentReviewRow["about"], MessageDescriptor> = { personalization: msg`Personalization`, actions: msg`Actions`, segmentation: msg`Segmentation`, synchronization: msg`Synchronization` };

interface OverruleProps {
  id: string;
  name: string;
  /** It is to be turned on; else a change is to be kept. */
  isOn: boolean;
  /** What speaks against a change: the client with it is not kept, so that nothing else tells of it. */
  said: string;
  isBusy: boolean;
  onClose(): void;
  onReason(reason: string): void;
}

/** The review says no: what it found, and the reason that overrules it, which is kept. */
export function Overrule({ id, name, isOn, said, isBusy, onClose, onReason }: OverruleProps) {
  const review = useCommand("agent_review", { id }, isOn);
  const [reason, setReason] = useState("");
  const start = () => reason.trim() && !isBusy && onReason(reason.trim());
  return (
    <Dialog title={isOn ? t`Turn ${name} on anyway?` : t`Keep it anyway?`} width={560} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!reason.trim() || isBusy}><Zap /> {isOn ? t`Turn on` : t`Keep`} <span className="kbd">Enter</span></button></>}>
      <p>{isOn ? t`The review says no:` : <bdi>{said}</bdi>}</p>
      {review.error && <Failure error={review.error} />}
      {isOn && <ul className="agreview" aria-busy={!review.data}>
        {review.data?.rows.map((row) => <li key={row.about}>{row.met ? <Check className="ok" /> : <TriangleAlert className="warn" />}<span className="sp"><b className="w5">{i18n._(ABOUT[row.about])}</b><br /><span className="mut"><bdi>{capital(fieldsWorded(row.evidence))}</bdi></span></span></li>)}
      </ul>}
      <label className="col"><span className="lab"><Trans>Why it is right anyway</Trans></span><span className="inp"><input aria-label={t`Why it is right anyway`} placeholder={t`Kept with the client`} value={reason} onChange={(event) => setReason(event.target.value)} /></span></label>
    </Dialog>
  );
}

/** What to paste into the program that is to ask. It holds no secret. */
export function Configuration({ client, onClose }: { client: AgentParts; onClose(): void }) {
  const found = useCommand("agent_config", { id: client.id });
  const [at, setAt] = useState(0);
  const toast = useToast();
  const snippets = found.data?.snippets ?? [];
  const shown = snippets[at];
  const copy = () => shown && void host.writeText(shown.text).then(() => { toast(t`Copied`); onClose(); });
  return (
    <Dialog title={t`Configuration`} width={640} onClose={onClose} onSubmit={copy}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Close</Trans></button><button type="submit" className="btn pri" disabled={!shown}><Copy /> <Trans>Copy</Trans> <span className="kbd">Enter</span></button></>}>
      <select className="fsel" aria-label={t`Which program`} value={at} onChange={(event) => setAt(Number(event.target.value))}>{snippets.map((one, place) => <option key={one.program} value={place}>{worded(one.label)}</option>)}</select>
      {found.error && <Failure error={found.error} />}
      {shown?.file && <p className="t12 mut">{t`Paste it into ${{ file: shown.file }}`}</p>}
      {shown && <pre className="mono agsnippet" data-text tabIndex={0} role="region" aria-label={t`What to paste`}>{shown.text}</pre>}
      <p className="t12 mut"><Trans>It holds no secret. Whoever can start programs in your name on this computer can use it.</Trans></p>
    </Dialog>
  );
}

/** It gets nothing any more, for good. */
export function Revoke({ client, onClose }: { client: AgentParts; onClose(): void }) {
  const [failure, setFailure] = useState<unknown>(null);
  const revoke = useAction("agent_revoke");
  const toast = useToast();
  const { id, name } = client;
  const start = () => !revoke.isPending && revoke.mutate({ id }, { onSuccess: () => { onClose(); toast(t`${name} is revoked`); }, onError: setFailure });
  return (
    <Dialog title={t`Revoke ${name}?`} width={480} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Keep it</Trans></button><button type="submit" className="btn dgr" disabled={revoke.isPending}><Ban /> <Trans>Revoke</Trans></button></>}>
      <p><Trans>Whatever it asks from now on is refused, and what it could see ends. Its calls stay in the list. It cannot be turned on again.</Trans></p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
