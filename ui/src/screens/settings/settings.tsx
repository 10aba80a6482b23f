import { Lock, LockOpen } from "lucide-react";
import { useAction, useCommand } from "../../api/cache";
import type { SessionView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import type { ThemeChoice, useTheme } from "../../theme";
import { count, n } from "../../text/en";
import "./settings.css";

interface Props {
  session: SessionView;
  theme: ReturnType<typeof useTheme>;
  onLock(): void;
}

const COUNTRIES = ["", "AE", "AT", "AU", "BE", "BG", "BR", "CA", "CH", "CN", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "GR", "HU", "IE", "IL", "IN", "IT", "JP", "KR", "MX", "NL", "NO", "NZ", "PL", "PT", "RO", "SE", "TH", "TR", "TW", "UA", "US", "ZA"];
const names = new Intl.DisplayNames(["en"], { type: "region" });

export function Settings({ session, theme, onLock }: Props) {
  const country = useCommand("setting_get", { key: "default_country" });
  const facets = useCommand("facets_get", {});
  const set = useAction("setting_set");
  const toast = useToast();
  return (
    <main className="main">
      <div className="head"><h1>Settings</h1></div>
      <div className="scroll page">
        <section className="card">
          <header><h2>Protection</h2></header>
          <div className="pad row g12">
            {session.unprotected ? <LockOpen className="warn" /> : <Lock className="ok" />}
            <span className="sp">{session.unprotected ? "Anyone at this computer can open this workspace: its key lies beside it." : "The file is encrypted. A passphrase or the keychain opens it, and the recovery code."}<br /><span className="t12 mut mono">{session.dir}</span></span>
            {!session.unprotected && <button type="button" className="btn" onClick={onLock}>Lock now <span className="kbd">Ctrl</span><span className="kbd">L</span></button>}
          </div>
        </section>
        <section className="card">
          <header><h2>Look</h2></header>
          <div className="pad row g16">
            <span className="lab" id="theme-label">Theme</span>
            <span className="seg" role="group" aria-labelledby="theme-label">
              {(["system", "light", "dark"] as ThemeChoice[]).map((choice) => (
                <button key={choice} type="button" className={theme.choice === choice ? "on" : ""} aria-pressed={theme.choice === choice} onClick={() => theme.set(choice)}>{choice.replace(/^./, (c) => c.toUpperCase())}</button>
              ))}
            </span>
          </div>
        </section>
        <section className="card">
          <header><h2>Phones</h2></header>
          <label className="pad setrow">
            <span>Country of phones written without their country code<br /><span className="t12 mut">Used when a file is imported. What was typed is always kept.</span></span>
            <select className="fsel" value={String(country.data?.value ?? "")} onChange={(e) => set.mutate({ key: "default_country", value: e.target.value }, { onError: (error) => toast(sentence(error)) })}>
              {COUNTRIES.map((code) => <option key={code} value={code}>{code ? names.of(code) : "Not set"}</option>)}
            </select>
          </label>
        </section>
        <section className="card">
          <header><h2>Custom fields</h2><span className="mut">{facets.data ? count(facets.data.customFields.length, "field", "fields") : ""}</span></header>
          <table className="tbl"><thead><tr><th>Name</th><th>In files and filters</th><th>Type</th></tr></thead>
            <tbody>{facets.data?.customFields.map((field) => <tr key={field.key}><td>{field.label}</td><td className="mono">{field.key}</td><td>{field.kind}</td></tr>)}</tbody></table>
        </section>
        <section className="card">
          <header><h2>Tags</h2><span className="mut">{facets.data ? count(facets.data.tags.length, "tag", "tags") : ""}</span></header>
          <table className="tbl"><thead><tr><th>Tag</th><th className="r">Contacts</th></tr></thead>
            <tbody>{facets.data?.tags.map((tag) => <tr key={tag.value}><td>{tag.value}</td><td className="r">{n(tag.count)}</td></tr>)}</tbody></table>
        </section>
        <p className="mut t12">Cardfile {session.version}</p>
      </div>
    </main>
  );
}
