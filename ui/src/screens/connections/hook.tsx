import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Ellipsis, KeyRound, Pause, Pencil, RefreshCw, Send, Trash2, TriangleAlert, Zap } from "lucide-react";
import { useState } from "react";
import { useAction } from "../../api/cache";
import type { WebhookField, WebhookRecipe, WebhookView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Mark } from "../../components/mark";
import { Popover } from "../../components/popover";
import { useToast } from "../../components/toast";
import { fieldLabel, moment, n } from "../../text/words";
import { worded } from "../../text/worded";
import { EditHook, RemoveHook, SecretShown } from "./hook-dialogs";
import { HookLog } from "./hook-log";
import { HookState } from "./hook-state";

const EVENTS: Record<string, [word: MessageDescriptor, about: MessageDescriptor]> = {
  "contact.created": [msg`A contact is new`, msg`with all fields that may leave`],
  "contact.updated": [msg`A contact changed`, msg`only the fields that changed`],
  "contact.deleted": [msg`A contact is gone`, msg`its id, and nothing else`],
  "contact.merged": [msg`Two contacts became one`, msg`both ids`],
  "contact.restored": [msg`A contact is back`, msg`with all fields that may leave`],
  "contact.consent_changed": [msg`A consent changed`, msg`what was consented to, if that may leave`],
  "conflict.opened": [msg`A conflict waits for you`, msg`names of the fields, no values`],
};

const FIELDS: Record<string, MessageDescriptor> = {
  first_name: msg`First name`,
  last_name: msg`Last name`,
  consent: msg`Consent`,
};

const label = (field: string) => {
  const own = FIELDS[field];
  return own ? i18n._(own) : fieldLabel(field);
};

interface Props {
  hook: WebhookView;
  /** All events there are. */
  events: string[];
  recipes: WebhookRecipe[];
  onRemoved(): void;
}

/** One webhook: what it is told, what may be in it, and what became of each message. */
export function Hook({ hook, events, recipes, onRemoved }: Props) {
  const { id, name, url, state, fields } = hook;
  const set = useAction("webhook_set");
  const turn = useAction("webhook_turn");
  const ping = useAction("webhook_ping");
  const rotate = useAction("webhook_rotate");
  const replay = useAction("webhook_replay");
  const toast = useToast();
  const [asking, setAsking] = useState<"edit" | "remove" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const fail = (error: unknown) => toast(sentence(error));
  const put = (change: { events?: string[]; fields?: WebhookField[] }) => set.mutate({ id, name, url, events: hook.events, fields: [], ...change }, { onError: fail });
  const isOff = state === "off" || state === "gone";
  const test = () => ping.mutate({ id }, { onSuccess: ({ status }) => toast(t`${name} took the test, with the status ${status}`), onError: fail });
  const again = () => replay.mutate({ id, message: null }, { onSuccess: ({ count }) => toast(plural(count, { one: `${n(count)} message is sent again`, other: `${n(count)} messages are sent again` })), onError: fail });
  const approved = fields.filter(({ approved }) => approved).length;
  return (
    <main className="main" aria-label={name}>
      <div className="head conhead">
        <Mark name={name} /><h2 className="title ell"><bdi>{name}</bdi></h2><HookState state={state} /><span className="t12 fnt ell conplace ltr" title={url}>{url}</span>
        <span className="sp" />
        {isOff
          ? <button type="button" className="btn gh" disabled={turn.isPending} onClick={() => turn.mutate({ id, on: true }, { onSuccess: () => toast(t`${name} is told from now on`), onError: fail })}><Zap /> <span className="word"><Trans>Turn on</Trans></span></button>
          : <button type="button" className="btn gh" disabled={turn.isPending} onClick={() => turn.mutate({ id, on: false }, { onSuccess: () => toast(t`${name} is told nothing`), onError: fail })}><Pause /> <span className="word"><Trans>Pause</Trans></span></button>}
        <button type="button" className="btn" disabled={ping.isPending} onClick={test}><Send /> <span className="word">{ping.isPending ? t`Sending` : t`Send a test`}</span></button>
        <Popover className="btn ic gh" title={t`More`} picture label={<Ellipsis />}>
          {(shut) => (
            <div className="conmenu">
              <button type="button" onClick={() => { shut(); setAsking("edit"); }}><Pencil /> <Trans>Name and address</Trans></button>
              <button type="button" onClick={() => { shut(); rotate.mutate({ id }, { onSuccess: (made) => setSecret(made.secret), onError: fail }); }}><KeyRound /> <Trans>Another secret</Trans></button>
              <button type="button" className="bad" onClick={() => { shut(); setAsking("remove"); }}><Trash2 /> <Trans>Remove the webhook</Trans></button>
            </div>
          )}
        </Popover>
      </div>
      <div className="scroll conbody">
        {state === "gone" && <div className="note bad" role="status"><TriangleAlert /><span className="sp"><b className="w5"><Trans>It answered that nobody is there any more (410)</Trans></b><br /><Trans>Nothing is sent until you turn it on again. What waits is kept.</Trans></span></div>}
        {state === "failing" && <div className="note warn" role="status"><TriangleAlert /><span className="sp"><b className="w5"><Trans>The last messages did not get through</Trans></b><br />{trouble(hook)}</span></div>}
        {hook.dead > 0 && (
          <div className="note" role="status"><TriangleAlert className="bad" /><span className="sp">{plural(hook.dead, { one: `${n(hook.dead)} message was given up after five days.`, other: `${n(hook.dead)} messages were given up after five days.` })}</span>
            <button type="button" className="btn sm" disabled={replay.isPending} onClick={again}><RefreshCw /> <Trans>Send them again</Trans></button></div>
        )}
        <p className="conflow"><Trans>Each message is one signed request, in the order of what happened to a contact.</Trans> {plural(approved, { one: `${n(approved)} field may leave.`, other: `${n(approved)} fields may leave.` })} <Trans>Notes, files, memories and secrets never do.</Trans></p>
        <section className="card" aria-labelledby="hook-events">
          <header><h3 id="hook-events"><Trans>It is told when</Trans></h3><span className="t12 mut ell"><Trans>from now on; what happened before is not told</Trans></span></header>
          <ul className="conset">
            {events.map((event) => {
              const [word, about] = EVENTS[event] ?? [null, null];
              return (
                <li key={event}><label className="conline">
                  <input type="checkbox" checked={hook.events.includes(event)} disabled={set.isPending} onChange={(e) => put({ events: e.target.checked ? [...hook.events, event] : hook.events.filter((one) => one !== event) })} />
                  <span className="sp">{word ? i18n._(word) : event}<br /><span className="t12 mut">{about && i18n._(about)}</span></span>
                  <span className="mono fnt ltr">{event}</span>
                </label></li>
              );
            })}
          </ul>
        </section>
        <section className="card conmap" aria-labelledby="hook-fields">
          <header><h3 id="hook-fields"><Trans>What may be in it</Trans></h3><span className="t12 mut ell"><Trans>beside the id of the contact</Trans></span></header>
          <table className="tbl hookmap">
            <thead><tr><th><Trans>Field</Trans></th><th><Trans>In the body</Trans></th><th><Trans>Approved</Trans></th><th><Trans>Purpose</Trans></th></tr></thead>
            <tbody>{fields.map((field) => <Field key={field.field} field={field} busy={set.isPending} onField={(changed) => put({ fields: [changed] })} />)}</tbody>
          </table>
        </section>
        <HookLog hook={hook} />
        <Recipes recipes={recipes} />
      </div>
      {asking === "edit" && <EditHook hook={hook} onClose={() => setAsking(null)} />}
      {asking === "remove" && <RemoveHook hook={hook} onClose={() => setAsking(null)} onRemoved={onRemoved} />}
      {secret && <SecretShown title={t`The new secret of ${name}`} secret={secret} about={t`For a day messages are signed with the old one too, so that you can change it there in peace.`} onClose={() => setSecret(null)} />}
    </main>
  );
}

/** Since when, and what comes next. */
function trouble({ status, failingSince, nextAt }: WebhookView): string {
  const since = failingSince ? moment(new Date(failingSince)) : "";
  const next = nextAt ? moment(new Date(nextAt)) : "";
  return status ? t`It answers with the status ${status} since ${since}. The next attempt is at ${next}; nothing is lost.` : t`Nobody answers since ${since}. The next attempt is at ${next}; nothing is lost.`;
}

function Field({ field, busy, onField }: { field: WebhookField; busy: boolean; onField(field: WebhookField): void }) {
  const [purpose, setPurpose] = useState(field.purpose);
  const [kept, setKept] = useState(field.purpose);
  if (kept !== field.purpose) {
    // It is kept by its key, whichever of its names was written.
    setKept(field.purpose);
    setPurpose(field.purpose);
  }
  const name = label(field.field);
  const keep = () => purpose.trim() !== field.purpose && onField({ ...field, purpose: purpose.trim() });
  return (
    <tr>
      <td><b className="w5 ell">{name}</b></td>
      <td className="mono mut ltr">{field.field}</td>
      <td className="conapproved"><input type="checkbox" aria-label={t`${name} may leave`} checked={field.approved} disabled={busy} onChange={(event) => onField({ ...field, approved: event.target.checked })} /></td>
      <td>{field.approved ? <span className="inp"><input aria-label={t`Purpose that ${name} needs the consent to`} placeholder={t`no consent needed`} value={purpose} spellCheck={false} onChange={(event) => setPurpose(event.target.value)} onBlur={keep} onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); keep(); } }} /></span> : <span className="fnt"><Trans>never leaves</Trans></span>}</td>
    </tr>
  );
}

/** How other programs are set up. */
function Recipes({ recipes }: { recipes: WebhookRecipe[] }) {
  const [at, setAt] = useState(0);
  const recipe = recipes[at];
  return (
    <section className="card" aria-labelledby="hook-recipes">
      <header><h3 id="hook-recipes"><Trans>How to set it up</Trans></h3>
        <span className="seg end" role="group" aria-labelledby="hook-recipes">{recipes.map(({ name }, number) => <button key={name} type="button" className={number === at ? "on" : ""} aria-pressed={number === at} onClick={() => setAt(number)}>{name}</button>)}</span></header>
      {recipe && (
        <div className="pad col g12">
          <ol className="hooksteps">{recipe.steps.map((step, number) => <li key={number} className="row g8 top"><span className="num mut">{n(number + 1)}</span><span className="sp">{worded(step)}</span></li>)}</ol>
          <table className="tbl hookfields"><thead><tr><th><Trans>Field there</Trans></th><th><Trans>Part of the message</Trans></th></tr></thead>
            <tbody>{recipe.fields.map(([field, part]) => <tr key={field}><td className="mono ltr" data-text>{field}</td><td className="mono mut ltr" data-text>{part}</td></tr>)}</tbody></table>
        </div>
      )}
    </section>
  );
}
