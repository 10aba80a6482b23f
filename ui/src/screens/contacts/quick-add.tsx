import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { TriangleAlert } from "lucide-react";
import { useDeferredValue, useRef, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { Made } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { worded } from "../../text/worded";

interface Props {
  onClose(): void;
  onMade(made: Made): void;
  onShow(id: string): void;
}

/** What somebody shares with the line. */
const shares = (name: string, reason: string) => t`${name} has the ${reason}.`;

/** One typed line becomes a contact; somebody with the same email or phone is named while it is typed. */
export function QuickAdd({ onClose, onMade, onShow }: Props) {
  const [line, setLine] = useState("");
  const preview = useCommand("quick_add_preview", { line: useDeferredValue(line) }, line.trim() !== "");
  const create = useAction("contact_create");
  const understood = line.trim() ? preview.data : undefined;
  const isReady = line.trim() !== "" && !create.isPending;
  /** Enter may come twice before the line is drawn as one that is being saved. */
  const isSaving = useRef(false);
  const save = () => {
    if (!isReady || isSaving.current) return;
    isSaving.current = true;
    create.mutate({ line }, { onSuccess: onMade, onError: () => { isSaving.current = false; } });
  };
  return (
    <Dialog title={t`New contact`} onClose={onClose} onSubmit={save}
      buttons={<>
        <button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button>
        <button type="submit" className="btn pri" disabled={!isReady}><Trans>Make contact</Trans> <span className="kbd">Enter</span></button>
      </>}>
      <label>
        <span className="lab"><Trans>Name, email and phone in any order</Trans></span>
        <span className="inp lg"><input value={line} onChange={(e) => setLine(e.target.value)} placeholder="Ana Ruiz ana@x.example +34 612 408 177" /></span>
      </label>
      <dl className="understood">
        <div><dt><Trans>Name</Trans></dt><dd>{understood?.name || "–"}</dd></div>
        <div><dt><Trans>Email</Trans></dt><dd>{understood?.email || "–"}</dd></div>
        <div><dt><Trans>Phone</Trans></dt><dd>{understood?.phone || "–"}</dd></div>
      </dl>
      {understood?.duplicates.map((other) => (
        <div key={other.id} className="note warn"><TriangleAlert className="warn" />
          <span className="sp">{shares(other.name, worded(other.reason))}</span>
          <button type="button" className="linkb" onClick={() => onShow(other.id)}><Trans>Show</Trans></button>
        </div>
      ))}
      {create.error && <div className="note bad"><span>{sentence(create.error)}</span></div>}
    </Dialog>
  );
}
