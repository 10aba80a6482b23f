import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Copy } from "lucide-react";
import { useCommand } from "../../api/cache";
import { useToast } from "../../components/toast";
import type { SettingsProps } from "./settings";

/** Facts to send when something goes wrong, and nothing about anybody. */
export function About({ session }: SettingsProps) {
  const report = useCommand("diagnostics_get", {});
  const toast = useToast();
  const text = report.data?.text ?? "";
  const { version } = session;
  return (
    <>
      <section className="card">
        <header><h3><Trans>Diagnostics</Trans></h3><span className="mut"><Trans>no name, no address, no path</Trans></span>
          <button type="button" className="btn sm end" disabled={!text} onClick={() => void navigator.clipboard.writeText(text).then(() => toast(t`Copied`))}><Copy /> <Trans>Copy</Trans></button></header>
        <pre className="firstlines mono" data-text tabIndex={0} aria-label={t`Diagnostics`}>{text}</pre>
      </section>
      <section className="card"><div className="pad"><Trans>Cardfile {version}. MIT or Apache 2.0.</Trans></div></section>
    </>
  );
}
