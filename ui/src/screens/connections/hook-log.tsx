import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, Clock, RefreshCw, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { WebhookMessageView, WebhookView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { moment, n } from "../../text/words";

const LOOKS: Record<string, [icon: typeof Check, look: string, word: MessageDescriptor]> = {
  done: [Check, "ok", msg`Taken`],
  waiting: [Clock, "mut", msg`Waits`],
  dead: [TriangleAlert, "bad", msg({ message: "Given up", context: "message" })],
};

/** What became of each message. The log keeps no values, and nothing of who was erased. */
export function HookLog({ hook }: { hook: WebhookView }) {
  const [dead, setDead] = useState(false);
  const log = useCommand("webhook_log", { id: hook.id, dead });
  const { refetch } = log;
  // Messages are sent without the window asking for it.
  useEffect(() => void refetch(), [refetch, hook.waiting, hook.dead, hook.heardAt]);
  const messages = log.data?.messages ?? [];
  return (
    <section className="card" aria-labelledby="hook-log">
      <header><h3 id="hook-log"><Trans>Deliveries</Trans></h3><span className="t12 mut ell"><Trans>the latest first; what was taken stays here for 30 days</Trans></span>
        <label className="row g6 end"><input type="checkbox" checked={dead} onChange={(event) => setDead(event.target.checked)} /> <Trans>Only those given up</Trans></label></header>
      {log.error ? <div className="pad"><Failure error={log.error} /></div> : messages.length === 0 ? <p className="pad mut">{!log.data ? t`Reading` : dead ? t`Nothing was given up.` : t`Nothing was told yet.`}</p> : (
        <div className="conwide" tabIndex={0} role="region" aria-labelledby="hook-log"><table className="tbl hooklog">
          <thead><tr><th><Trans>When</Trans></th><th><Trans>Event</Trans></th><th><Trans>Contact</Trans></th><th className="r"><Trans>Attempts</Trans></th><th><Trans>Outcome</Trans></th><th><span className="visually-hidden"><Trans>Again</Trans></span></th></tr></thead>
          <tbody>{messages.map((message) => <Row key={message.id} hook={hook} message={message} />)}</tbody>
        </table></div>
      )}
    </section>
  );
}

function Row({ hook, message }: { hook: WebhookView; message: WebhookMessageView }) {
  const replay = useAction("webhook_replay");
  const toast = useToast();
  const { state, status, attempts, nextAt } = message;
  const [Icon, look, word] = LOOKS[state] ?? [Clock, "mut", msg`Waits`];
  const said = attempts === 0 ? i18n._(word) : status ? t`${{ outcome: i18n._(word) }}, status ${status}` : t`${{ outcome: i18n._(word) }}, no answer`;
  const next = state === "waiting" && attempts > 0 && nextAt ? t`tried again at ${{ time: moment(new Date(nextAt)) }}` : undefined;
  return (
    <tr title={next}>
      <td className="mut num"><bdi>{moment(new Date(message.at))}</bdi></td>
      <td className="mono ltr">{message.event}</td>
      <td className="ell"><bdi>{message.contact ?? <span className="mono fnt" data-text>{message.contactId}</span>}</bdi></td>
      <td className="r num">{n(attempts)}</td>
      <td><span className="row g6"><Icon className={look} /><span className="ell">{said}</span></span></td>
      <td className="r">{state !== "waiting" && <button type="button" className="btn gh sm" disabled={replay.isPending} onClick={() => replay.mutate({ id: hook.id, message: message.id }, { onSuccess: ({ count }) => toast(plural(count, { one: `${n(count)} message is sent again`, other: `${n(count)} messages are sent again` })), onError: (error) => toast(sentence(error)) })}><RefreshCw /> <Trans>Again</Trans></button>}</td>
    </tr>
  );
}
