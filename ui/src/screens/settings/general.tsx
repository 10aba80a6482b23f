import { useAction, useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { contacts } from "../../text/en";

const COUNTRIES = ["", "AE", "AT", "AU", "BE", "BG", "BR", "CA", "CH", "CN", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "GR", "HU", "IE", "IL", "IN", "IT", "JP", "KR", "MX", "NL", "NO", "NZ", "PL", "PT", "RO", "SE", "TH", "TR", "TW", "UA", "US", "ZA"];
const names = new Intl.DisplayNames(["en"], { type: "region" });

export function General() {
  const country = useCommand("setting_get", { key: "default_country" });
  const set = useAction("setting_set");
  const load = useAction("sample_load");
  const remove = useAction("sample_remove");
  const undo = useAction("history_undo");
  const toast = useToast();
  const undoing = (operation: string | null) => (operation ? () => undo.mutate({ id: operation }) : undefined);
  const fail = (error: unknown) => toast(sentence(error));
  return (
    <>
      <section className="card">
        <header><h3>Phones</h3></header>
        <label className="pad setrow">
          <span>Country of phones written without their country code<br /><span className="t12 mut">Used when a file is imported. What was typed is always kept.</span></span>
          <select className="fsel" value={String(country.data?.value ?? "")} onChange={(e) => set.mutate({ key: "default_country", value: e.target.value }, { onError: fail })}>
            {COUNTRIES.map((code) => <option key={code} value={code}>{code ? names.of(code) : "Not set"}</option>)}
          </select>
        </label>
      </section>
      <section className="card">
        <header><h3>Sample data</h3></header>
        <div className="pad row g12">
          <span className="sp">500 made-up people to try things on.<br /><span className="t12 mut">Removing them moves them to the bin, those you edited too.</span></span>
          <button type="button" className="btn" disabled={load.isPending} onClick={() => load.mutate({}, { onSuccess: ({ count, operation }) => toast(`Loaded ${contacts(count)} who do not exist`, undoing(operation)), onError: fail })}>Load</button>
          <button type="button" className="btn" disabled={remove.isPending} onClick={() => remove.mutate({}, { onSuccess: ({ count, operation }) => toast(count > 0 ? `Removed ${contacts(count)}` : "No sample people are here", undoing(operation)), onError: fail })}>Remove</button>
        </div>
      </section>
    </>
  );
}
