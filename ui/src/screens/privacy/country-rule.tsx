import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Globe } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { CountryRuleView } from "../../api/generated/commands";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { country, n } from "../../text/words";
import { codesOf } from "./flow";
import { Field } from "./parts";

/** From which countries people have to say yes before it is kept where they write from. */
export function CountryRule() {
  const rule = useCommand("country_rule_get", {});
  if (rule.error) return <Failure error={rule.error} />;
  return rule.data ? <Form key={rule.data.countries.join()} kept={rule.data} /> : null;
}

function Form({ kept }: { kept: CountryRuleView }) {
  const set = useAction("country_rule_set");
  const toast = useToast();
  const [typed, setTyped] = useState(kept.countries.join(", "));
  const [failure, setFailure] = useState<unknown>(null);
  const countries = codesOf(typed);
  const isSame = countries.join() === kept.countries.join();
  const { declined } = kept;
  const save = () => {
    if (isSame || set.isPending) return;
    setFailure(null);
    set.mutate({ countries, declined }, { onSuccess: () => toast(t`Country rule saved`), onError: setFailure });
  };
  return (
    <form className="card" aria-label={t`The country by IP address`} onSubmit={(event) => { event.preventDefault(); save(); }}>
      <header><Globe /><h3><Trans>The country by IP address</Trans></h3></header>
      <div className="pad col pvgap">
        <p className="mut"><Trans>A website tells from which country somebody writes. Of people from these countries it is kept once they said yes to a purpose, and not before.</Trans></p>
        <Field label={t`Countries, by their codes`} hint="ES, FR" area value={typed} onValue={setTyped} />
        <p className="t12 mut">{countries.map(country).join(", ") || t`None: it is kept of everybody`}</p>
        {declined > 0 && <p className="t12 mut">{plural(declined, { one: `${n(declined)} person declined to be kept at all`, other: `${n(declined)} people declined to be kept at all` })}</p>}
        {failure !== null && <Failure error={failure} />}
      </div>
      <footer><button type="submit" className="btn pri" disabled={isSame || set.isPending}><Trans>Save</Trans></button></footer>
    </form>
  );
}
