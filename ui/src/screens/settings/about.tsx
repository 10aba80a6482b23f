import { Copy } from "lucide-react";
import { useCommand } from "../../api/cache";
import { useToast } from "../../components/toast";
import type { SettingsProps } from "./settings";

/** Facts to send when something goes wrong, and nothing about anybody. */
export function About({ session }: SettingsProps) {
  const report = useCommand("diagnostics_get", {});
  const toast = useToast();
  const text = report.data?.text ?? "";
  return (
    <>
      <section className="card">
        <header><h3>Diagnostics</h3><span className="mut">no name, no address, no path</span>
          <button type="button" className="btn sm end" disabled={!text} onClick={() => void navigator.clipboard.writeText(text).then(() => toast("Copied"))}><Copy /> Copy</button></header>
        <pre className="firstlines mono" data-text tabIndex={0} aria-label="Diagnostics">{text}</pre>
      </section>
      <section className="card"><div className="pad">Cardfile {session.version}. MIT or Apache 2.0.</div></section>
    </>
  );
}
