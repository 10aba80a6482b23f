import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { X } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { AgentParts, AgentsView, AgentView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { alwaysWord } from "../../components/proposals";
import { Tool } from "../../components/tool";
import { useToast } from "../../components/toast";
import { capital, day, n, time } from "../../text/words";
import { worded } from "../../text/worded";
import { ChangeGrant } from "./change-grant";
import { minutesOf } from "./words";

interface Props {
  kept: AgentView;
  found: AgentsView;
  isFixed: boolean;
  isBusy: boolean;
  /** Until it is kept what was typed stays, with what was said against it. */
  onSave(client: AgentParts, seen: AgentParts, reason: string, after: { onDone(): void; onFailed(error: unknown): void }): void;
  onContact(id: string): void;
}

/** Whom a client may see, with which tools, how often, what for and until when. */
export function Grant({ kept, found, isFixed, isBusy, onSave, onContact }: Props) {
  const { client } = kept;
  const purposes = useCommand("purpose_list", {});
  const again = useAction("proposal_ask_again");
  const toast = useToast();
  const [changing, setChanging] = useState(false);
  const nameOf = (key: string) => purposes.data?.purposes.find((one) => one.key === key)?.name ?? key;
  const askAgain = (word: string) => again.mutate({ client: client.id, word }, { onSuccess: () => toast(t`It asks again from now on`), onError: (error) => toast(capital(sentence(error))) });
  const [tools, most] = [n(client.tools.length), n(found.tools.length)];
  const { perMinute } = client;
  const limit = plural(perMinute, { one: `${n(perMinute)} call a minute`, other: `${n(perMinute)} calls a minute` });
  const rows: [string, string][] = [
    [t`Cards`, client.sort === "staff" ? t`any that somebody here names, and saved views` : t`the verified person, no lists`],
    [t`Tools`, t`${tools} of ${most}, none exports or deletes`],
    [t`Writes`, client.always.length > 0 ? t`proposals; without asking: ${{ kinds: client.always.map(alwaysWord).join(", ") }}` : t`proposals only`],
    [t`Limit`, kept.busiest > 0 ? t`${limit}, ${{ used: n(kept.busiest) }} used at most` : limit],
    [t`Purpose`, client.purpose ? t`${{ name: nameOf(client.purpose) }}, while it may be used for it` : t`none named`],
    [t`Sight`, t`${{ minutes: minutesOf(client.grantMinutes) }} after a proof`],
    [t`Lifetime`, client.expiresAt ? t`until ${{ day: day(new Date(client.expiresAt)) }}` : t`until you end it`],
  ];
  return (
    <section className="card agcard" aria-labelledby="aggrant">
      <header><h3 id="aggrant"><Trans>Grant</Trans></h3><span className="sp" />{!isFixed && <button type="button" className="btn gh sm" onClick={() => setChanging(true)}><Trans>Change</Trans></button>}</header>
      <dl className="aggrant">
        {rows.map(([term, said]) => <div key={term}><dt>{term}</dt><dd><bdi>{said}</bdi></dd></div>)}
        {client.actions.map((one) => <div key={one.tool}><dt className="ell"><bdi>{one.tool}</bdi></dt><dd><bdi>{[one.fields.join(", ") || t`nothing`, one.expiresAt ? t`until ${{ day: day(new Date(one.expiresAt)) }}` : ""].filter(Boolean).join("; ")}</bdi></dd></div>)}
      </dl>
      {client.always.length > 0 && !isFixed && (
        <ul className="aglines" aria-label={t`What it need not ask for`}>{client.always.map((word) => { const kind = alwaysWord(word); return <li key={word}><span className="tag">{kind}</span><span className="sp" /><Tool name={t`Ask again for ${kind}`} icon={<X />} onClick={() => askAgain(word)} /></li>; })}</ul>
      )}
      {kept.grants.length > 0 && <Sees kept={kept} onContact={onContact} />}
      {changing && <ChangeGrant client={client} tools={found.tools} purposes={purposes.data?.purposes ?? []} isBusy={isBusy} onClose={() => setChanging(false)} onSave={(parts, seen, reason, onFailed) => onSave(parts, seen, reason, { onDone: () => setChanging(false), onFailed })} />}
    </section>
  );
}

/** Whose card it may see at this moment. */
function Sees({ kept: { grants }, onContact }: { kept: AgentView; onContact(id: string): void }) {
  const end = useAction("agent_grant_end");
  const toast = useToast();
  return (
    <ul className="aglines" aria-label={t`Whom it may see now`}>
      {grants.map(({ id, contact, name, how, until }) => (
        <li key={id}>
          <span className="sp agwords"><button type="button" className="linkb w5 ell" onClick={() => onContact(contact)}><bdi>{name}</bdi></button><span className="t12 mut ell">{t`until ${{ time: time(until) }}, ${{ how: worded(how) }}`}</span></span>
          <button type="button" className="btn sm gh" disabled={end.isPending} aria-label={t`End: ${name}`} onClick={() => end.mutate({ id }, { onSuccess: () => toast(t`It does not see ${name} any more`), onError: (error) => toast(capital(sentence(error))) })}><Trans>End</Trans></button>
        </li>
      ))}
    </ul>
  );
}
