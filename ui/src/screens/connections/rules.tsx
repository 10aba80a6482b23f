import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ListChecks, X } from "lucide-react";
import { useAction } from "../../api/cache";
import type { ConflictRule, RemoteView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { fieldLabel } from "../../text/words";

/** Fields whose conflicts are decided once and for all. Rules are made in the Inbox, where their conflicts are. */
export function Rules({ remote }: { remote: RemoteView }) {
  const remove = useAction("conflict_rule_remove");
  const toast = useToast();
  const { id, name } = remote;
  const said = ({ keep }: ConflictRule) => (keep === "mine" ? t`mine is kept` : t`${name} is taken`);
  const takeAway = (field: string) =>
    remove.mutate({ remote: id, field }, { onSuccess: () => toast(t`Conflicts about ${{ field: fieldLabel(field) }} wait for you again`), onError: (error) => toast(sentence(error)) });
  return (
    <section className="card" aria-labelledby="rules-title">
      <header><ListChecks /><h3 id="rules-title"><Trans>Conflict rules</Trans></h3><span className="t12 mut ell"><Trans>decide by themselves when both sides changed a field</Trans></span></header>
      <ul className="conrules">
        {remote.rules.map((rule) => (
          <li key={rule.field}><b className="w5 ell">{fieldLabel(rule.field)}</b><span className="mut ell sp">{said(rule)}</span>
            <button type="button" className="btn gh sm" disabled={remove.isPending} aria-label={t`Take away the rule for ${{ field: fieldLabel(rule.field) }}`} onClick={() => takeAway(rule.field)}><X /> <Trans>Take away</Trans></button></li>
        ))}
      </ul>
    </section>
  );
}
