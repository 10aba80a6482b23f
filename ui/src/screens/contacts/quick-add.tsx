import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { TriangleAlert } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { Made } from "../../api/generated/commands";
import { sentence } from "../../api/host";
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
  const save = () => line.trim() && create.mutate({ line }, { onSuccess: onMade });
  return (
    <>
      <button type="button" className="scrim" aria-label={t`Close`} onClick={onClose} tabIndex={-1} />
      <div className="dlg" role="dialog" aria-modal="true" aria-labelledby="add-title" style={{ width: 520 }}>
        <div className="pad col" style={{ gap: 12 }}>
          <h2 id="add-title" className="t16"><Trans>New contact</Trans></h2>
          <label>
            <span className="lab"><Trans>Name, email and phone in any order</Trans></span>
            <span className="inp lg">
              <input autoFocus value={line} onChange={(e) => setLine(e.target.value)} placeholder="Ana Ruiz ana@x.example +34 612 408 177"
                onKeyDown={(e) => { if (e.key === "Enter") save(); if (e.key === "Escape") onClose(); }} />
            </span>
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
        </div>
        <footer>
          <button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button>
          <button type="button" className="btn pri" onClick={save} disabled={!line.trim() || create.isPending}><Trans>Make contact</Trans> <span className="kbd">Enter</span></button>
        </footer>
      </div>
    </>
  );
}
