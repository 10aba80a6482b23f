import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, Copy } from "lucide-react";
import { host } from "../api/cache";
import { sentence } from "../api/host";
import { Dialog } from "./dialog";
import { useToast } from "./toast";

/** A recovery code that was just made. It is shown once: nothing but the word that it was saved takes it away. */
export function NewCode({ code, onSaved }: { code: string; onSaved(): void }) {
  const toast = useToast();
  const copy = () => void host.writeText(code).then(() => toast(t`Copied`), (error) => toast(sentence(error)));
  return (
    <Dialog title={t`Your new recovery code`} isHeld onClose={onSaved} onSubmit={onSaved}
      buttons={<button type="submit" className="btn pri"><Check /> <Trans>I have saved it</Trans></button>}>
      <p><Trans>It is shown this once. The old code opens nothing any more: write this one down or keep it in a password manager.</Trans></p>
      <div className="row g12"><output className="code mono" data-text>{code}</output><button type="button" className="btn" onClick={copy}><Copy /> <Trans>Copy</Trans></button></div>
    </Dialog>
  );
}
