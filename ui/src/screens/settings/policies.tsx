import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useAction, useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";

/** What a source may do to a card that is here. */
const POLICIES: Record<string, MessageDescriptor> = { fill: msg`Fill blanks only`, newest: msg`Replace what the card says`, ask: msg`Ask me before it replaces anything` };

/** Whether what other programs tell may replace what a card says, source by source. */
export function Policies({ sources }: { sources: string[] }) {
  return (
    <section className="card">
      <header><h3><Trans>What other programs tell of a card</Trans></h3></header>
      <div className="pad col g12">
        <p className="t12 mut"><Trans>What waits for you stands in the Inbox. Files that you import ask in their own preview.</Trans></p>
        {sources.map((source) => <Policy key={source} source={source} />)}
      </div>
    </section>
  );
}

function Policy({ source }: { source: string }) {
  const key = `ingest_policy.${source}`;
  const kept = useCommand("setting_get", { key });
  const set = useAction("setting_set");
  const toast = useToast();
  const value = kept.data?.value;
  return (
    <label className="setrow">
      <span className="ell"><bdi>{source}</bdi></span>
      <select className="fsel" disabled={!kept.data} aria-label={t`What ${source} may change`} value={typeof value === "string" ? value : "fill"} onChange={(e) => set.mutate({ key, value: e.target.value }, { onError: (error) => toast(sentence(error)) })}>
        {Object.entries(POLICIES).map(([policy, label]) => <option key={policy} value={policy}>{i18n._(label)}</option>)}
      </select>
    </label>
  );
}
