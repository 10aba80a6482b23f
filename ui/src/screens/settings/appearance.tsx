import { useAction, useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import type { ThemeChoice } from "../../theme";
import { arrangementOf, DENSITIES } from "../../components/arrangement";
import type { SettingsProps } from "./settings";

const THEMES: ThemeChoice[] = ["system", "light", "dark"];
/** Ways to write numbers and dates; the words are English in all of them. */
const FORMATS: [string, string][] = [["", "English (International)"], ["en-US", "English (United States)"], ["de", "Deutsch"], ["es", "Español"], ["fr", "Français"], ["it", "Italiano"], ["nl", "Nederlands"], ["pl", "Polski"], ["pt-BR", "Português (Brasil)"], ["tr", "Türkçe"], ["ar-EG", "العربية"], ["ja", "日本語"], ["zh-CN", "简体中文"]];

export function Appearance({ theme }: SettingsProps) {
  const list = useCommand("setting_get", { key: "list" });
  const formats = useCommand("setting_get", { key: "formats" });
  const set = useAction("setting_set");
  const toast = useToast();
  const arrangement = arrangementOf(list.data?.value);
  return (
    <section className="card">
      <header><h3>Look</h3></header>
      <div className="pad col g12">
        <div className="row g16"><span className="lab setlab" id="theme-label">Theme</span>
          <span className="seg" role="group" aria-labelledby="theme-label">
            {THEMES.map((choice) => <button key={choice} type="button" className={theme.choice === choice ? "on" : ""} aria-pressed={theme.choice === choice} onClick={() => theme.set(choice)}>{choice.replace(/^./, (c) => c.toUpperCase())}</button>)}
          </span></div>
        <div className="row g16"><span className="lab setlab" id="density-label">Rows of lists</span>
          <span className="seg" role="group" aria-labelledby="density-label">
            {DENSITIES.map(([key, label]) => <button key={key} type="button" className={arrangement.density === key ? "on" : ""} aria-pressed={arrangement.density === key}
              onClick={() => set.mutate({ key: "list", value: { ...arrangement, density: key } }, { onError: (error) => toast(sentence(error)) })}>{label}</button>)}
          </span></div>
        <label className="row g16"><span className="lab setlab">Numbers and dates</span>
          <select className="fsel" style={{ width: 200 }} value={String(formats.data?.value ?? "")} onChange={(e) => set.mutate({ key: "formats", value: e.target.value }, { onError: (error) => toast(sentence(error)) })}>
            {FORMATS.map(([key, label]) => <option key={key} value={key}>{label}</option>)}
          </select>
          <span className="t12 mut">The words are English. Files follow their own format.</span></label>
      </div>
    </section>
  );
}
