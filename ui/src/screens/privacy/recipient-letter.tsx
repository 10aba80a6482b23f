import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { host, useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { Paper, Print } from "../../components/paper";
import { useToast } from "../../components/toast";
import { Choice } from "./parts";
import { ownTongue, TONGUES } from "./words";

/** A letter to a recipient that no program reaches (Art. 19), in their language: it names the record and not the person. */
export function RecipientLetter({ delivery, onClose, onTold }: { delivery: string; onClose(): void; onTold(): void }) {
  const [language, setLanguage] = useState(ownTongue());
  const letter = useCommand("erasure_letter", { id: delivery, language });
  const toast = useToast();
  const { name = "", text = "" } = letter.data ?? {};
  const copy = () => void host.writeText(text).then(() => toast(t`Copied`), (error) => toast(sentence(error)));
  return (
    <Dialog title={t`Letter to ${name}`} width={640} onClose={onClose} onSubmit={onTold}
      buttons={<><Print /><button type="button" className="btn" disabled={text === ""} onClick={copy}><Copy /> <Trans>Copy</Trans></button><span className="sp" /><button type="button" className="btn" onClick={onClose}><Trans>Later</Trans></button><button type="submit" className="btn pri"><Check /> <Trans>It was sent</Trans></button></>}>
      <Choice label={t`Their language`} value={language} of={TONGUES} onValue={setLanguage} />
      {letter.error ? <Failure error={letter.error} /> : <textarea className="pvletter" rows={16} readOnly aria-label={t`Letter to ${name}`} value={text} />}
      <p className="t12 mut"><Trans>Once it was sent, the number of the record is forgotten here.</Trans></p>
      <Paper><pre data-text>{text}</pre></Paper>
    </Dialog>
  );
}
