import { i18n } from "@lingui/core";
import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useAction, useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { contacts, loaded, n } from "../../text/words";
import { Policies } from "./policies";

const COUNTRIES = ["", "AE", "AT", "AU", "BE", "BG", "BR", "CA", "CH", "CN", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "GR", "HU", "IE", "IL", "IN", "IT", "JP", "KR", "MX", "NL", "NO", "NZ", "PL", "PT", "RO", "SE", "TH", "TR", "TW", "UA", "US", "ZA"];

export function General() {
  const country = useCommand("setting_get", { key: "default_country" });
  const set = useAction("setting_set");
  const load = useAction("sample_load");
  const remove = useAction("sample_remove");
  const undo = useAction("history_undo");
  const toast = useToast();
  const undoing = (operation: string | null) => (operation ? () => undo.mutate({ id: operation }) : undefined);
  const fail = (error: unknown) => toast(sentence(error));
  const names = new Intl.DisplayNames([i18n.locale], { type: "region" });
  return (
    <>
      <section className="card">
        <header><h3><Trans>Phones</Trans></h3></header>
        <label className="pad setrow">
          <span><Trans>Country of phones written without their country code</Trans><br /><span className="t12 mut"><Trans>Used when a file is imported. What was typed is always kept.</Trans></span></span>
          <select className="fsel" value={String(country.data?.value ?? "")} onChange={(e) => set.mutate({ key: "default_country", value: e.target.value }, { onError: fail })}>
            {COUNTRIES.map((code) => <option key={code} value={code}>{code ? names.of(code) : t`Not set`}</option>)}
          </select>
        </label>
      </section>
      <Visitors />
      <section className="card">
        <header><h3><Trans>Sample data</Trans></h3></header>
        <div className="pad row g12">
          <span className="sp"><Trans>500 made-up people to try things on.</Trans><br /><span className="t12 mut"><Trans>Removing them moves them to the bin, those you edited too.</Trans></span></span>
          <button type="button" className="btn" disabled={load.isPending} onClick={() => load.mutate({}, { onSuccess: ({ count, operation }) => toast(loaded(count), undoing(operation)), onError: fail })}><Trans>Load</Trans></button>
          <button type="button" className="btn" disabled={remove.isPending} onClick={() => remove.mutate({}, { onSuccess: ({ count, operation }) => toast(count > 0 ? t`Removed ${{ contacts: contacts(count) }}` : t`No sample people are here`, undoing(operation)), onError: fail })}><Trans>Remove</Trans></button>
        </div>
      </section>
    </>
  );
}

/** Whose visitors get cards, and how long they are kept. */
function Visitors() {
  const facets = useCommand("facets_get", {});
  const visitors = useCommand("visitor_get", {});
  const days = useCommand("setting_get", { key: "visitor_days" });
  const set = useAction("visitor_set");
  const setDays = useAction("setting_set");
  const toast = useToast();
  const fail = (error: unknown) => toast(sentence(error));
  const on = visitors.data?.sources ?? [];
  const sources = [...new Set(["widget", ...(facets.data?.sources ?? []).map(({ value }) => value), ...on])].sort();
  return (
    <>
      <section className="card">
        <header><h3><Trans>Visitors</Trans></h3></header>
        <div className="pad col g12">
          <p><Trans>People of whom nothing is known get no card, only a conversation in the Inbox, unless their source is on here.</Trans><br /><span className="t12 mut"><Trans>Visitors are shown apart and are not counted as contacts.</Trans></span></p>
          <div className="row g12 wrap">
            {sources.map((source) => <label key={source} className="row g6"><input type="checkbox" checked={on.includes(source)} onChange={(e) => set.mutate({ source, on: e.target.checked }, { onError: fail })} /> {source}</label>)}
          </div>
          <label className="setrow">
            <span><Trans>Visitors go to the bin after</Trans><br /><span className="t12 mut"><Trans>Counted from when they were last seen.</Trans></span></span>
            <select className="fsel" value={String(days.data?.value ?? 30)} onChange={(e) => setDays.mutate({ key: "visitor_days", value: Number(e.target.value) }, { onError: fail })}>
              {[7, 30, 90, 365].map((amount) => <option key={amount} value={amount}>{plural(amount, { one: `${n(amount)} day`, other: `${n(amount)} days` })}</option>)}
              <option value={0}>{t`Never`}</option>
            </select>
          </label>
        </div>
      </section>
      <Policies sources={sources} />
    </>
  );
}
