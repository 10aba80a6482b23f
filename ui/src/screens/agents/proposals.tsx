import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check } from "lucide-react";
import { useCommand } from "../../api/cache";
import type { AgentParts } from "../../api/generated/commands";
import { Avatar } from "../../components/avatar";
import { Failure } from "../../components/failure";
import { alwaysWord, ProposalIcon, useDeciding, wordOfProposal } from "../../components/proposals";
import { capital, n, time } from "../../text/words";
import { fieldsWorded } from "../../text/worded";

/** What a client wants to be written, and waits for. */
export function Proposals({ client, onContact }: { client: AgentParts; onContact(id: string): void }) {
  const list = useCommand("proposal_list", {});
  const { decide, isPending } = useDeciding();
  const all = list.data?.proposals.filter((one) => one.client === client.id) ?? [];
  const count = n(all.length);
  return (
    <section className="card agcard agproposals" aria-labelledby="agproposals">
      <header><h3 id="agproposals"><Trans>Proposals</Trans></h3><span className="t12 mut num" role="status">{t`${count} waiting`}</span></header>
      {list.error && <div className="pad"><Failure error={list.error} /></div>}
      {list.data && all.length === 0 && <p className="pad mut"><Trans>Nothing waits. What this client wants to write stands here before it is written.</Trans></p>}
      <ul className="scroll">
        {all.map((one, at) => {
          const [says, name, word] = [capital(fieldsWorded(one.says)), one.name, wordOfProposal(one)];
          const always = word === null ? "" : t`Always for ${{ kind: alwaysWord(word) }}`;
          return (
            <li key={one.id}>
              <Avatar name={name} size="s24" />
              <span className="sp agwords">
                <span className="row g6"><button type="button" className="linkb w5 ell" onClick={() => onContact(one.contact)}><bdi>{name}</bdi></button><span className="t12 fnt nw num">{time(one.at)}</span></span>
                <span className="row top g6 t12 mut"><ProposalIcon sort={one.sort} /><span className="ptext"><bdi>{[says, ...one.more].join("\n")}</bdi></span></span>
              </span>
              <button type="button" className={`btn sm ${at === 0 ? "pri" : ""}`} disabled={isPending} aria-label={t`Approve: ${says}`} onClick={() => decide(one, "approve")}><Check /> <Trans>Approve</Trans></button>
              <button type="button" className="btn sm gh" disabled={isPending} aria-label={t`Reject: ${says}`} onClick={() => decide(one, "reject")}><Trans>Reject</Trans></button>
              {always && <button type="button" className="btn sm gh agalways" disabled={isPending} title={always} aria-label={t`${always}: ${says}`} onClick={() => decide(one, "always")}><Trans>Always</Trans></button>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
