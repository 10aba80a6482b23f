import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useAction, useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import type { ThemeChoice } from "../../theme";
import { arrangementOf, DENSITIES } from "../../components/arrangement";
import { choose, LANGUAGES, language } from "../../text/language";
import type { SettingsProps } from "./settings";

const THEMES: [ThemeChoice, MessageDescriptor][] = [["system", msg({ message: "System", context: "theme" })], ["light", msg({ message: "Light", context: "theme" })], ["dark", msg({ message: "Dark", context: "theme" })]];
/** Ways to write numbers and dates, whatever the language of the words is. */
const FORMATS: [string, string | MessageDescriptor][] = [["", msg`Like the language`], ["en-US", "English (United States)"], ["de", "Deutsch"], ["es", "Español"], ["fr", "Français"], ["it", "Italiano"], ["nl", "Nederlands"], ["pl", "Polski"], ["pt-BR", "Português (Brasil)"], ["tr", "Türkçe"], ["ar-EG", "العربية"], ["ja", "日本語"], ["zh-CN", "简体中文"]];

export function Appearance({ theme }: SettingsProps) {
  const list = useCommand("setting_get", { key: "list" });
  const formats = useCommand("setting_get", { key: "formats" });
  const set = useAction("setting_set");
  const toast = useToast();
  const arrangement = arrangementOf(list.data?.value);
  return (
    <section className="card">
      <header><h3><Trans context="appearance">Look</Trans></h3></header>
      <div className="pad col g12">
        <div className="row g16"><span className="lab setlab" id="theme-label"><Trans>Theme</Trans></span>
          <span className="seg" role="group" aria-labelledby="theme-label">
            {THEMES.map(([choice, label]) => <button key={choice} type="button" className={theme.choice === choice ? "on" : ""} aria-pressed={theme.choice === choice} onClick={() => theme.set(choice)}>{i18n._(label)}</button>)}
          </span></div>
        <div className="row g16"><span className="lab setlab" id="density-label"><Trans>Rows of lists</Trans></span>
          <span className="seg" role="group" aria-labelledby="density-label">
            {DENSITIES.map(([key, label]) => <button key={key} type="button" className={arrangement.density === key ? "on" : ""} aria-pressed={arrangement.density === key}
              onClick={() => set.mutate({ key: "list", value: { ...arrangement, density: key } }, { onError: (error) => toast(sentence(error)) })}>{i18n._(label)}</button>)}
          </span></div>
        <label className="row g16"><span className="lab setlab"><Trans>Language</Trans></span>
          <select className="fsel" style={{ width: 200 }} value={language()} onChange={(e) => void choose(e.target.value)}>
            {LANGUAGES.map(([tag, name]) => <option key={tag} value={tag}>{name}</option>)}
          </select></label>
        <label className="row g16"><span className="lab setlab"><Trans>Numbers and dates</Trans></span>
          <select className="fsel" style={{ width: 200 }} value={String(formats.data?.value ?? "")} onChange={(e) => set.mutate({ key: "formats", value: e.target.value }, { onError: (error) => toast(sentence(error)) })}>
            {FORMATS.map(([key, label]) => <option key={key} value={key}>{typeof label === "string" ? label : i18n._(label)}</option>)}
          </select>
          <span className="t12 mut"><Trans>Files follow their own format.</Trans></span></label>
      </div>
    </section>
  );
}
