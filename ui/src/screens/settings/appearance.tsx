import { useAction, useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import type { ThemeChoice } from "../../theme";
import { arrangementOf, DENSITIES } from "../contacts/columns";
import type { SettingsProps } from "./settings";

const THEMES: ThemeChoice[] = ["system", "light", "dark"];
const LANGUAGES = [["en", "English"]] as const;

export function Appearance({ theme }: SettingsProps) {
  const list = useCommand("setting_get", { key: "list" });
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
        <label className="row g16"><span className="lab setlab">Language</span>
          <select className="fsel" style={{ width: 160 }} defaultValue="en">{LANGUAGES.map(([key, label]) => <option key={key} value={key}>{label}</option>)}</select></label>
      </div>
    </section>
  );
}
