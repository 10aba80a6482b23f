import { Check, Trash2 } from "lucide-react";
import { useState } from "react";
import { useAction } from "../api/cache";
import type { SegmentParts, SegmentView } from "../api/generated/commands";
import { sentence } from "../api/host";
import { ago, contacts } from "../text/en";
import { Dialog } from "./dialog";
import { useToast } from "./toast";
import type { Undoing } from "./tool";

interface Props {
  /** What is saved; with an id, it is there already. */
  draft: SegmentParts;
  /** As it is kept, when it is. */
  kept?: SegmentView | undefined;
  undoing: Undoing;
  onClose(): void;
  onSaved(id: string | null): void;
}

/** A view gets a name, a purpose and somebody who answers for it. */
export function SegmentDialog({ draft, kept, undoing, onClose, onSaved }: Props) {
  const [{ name, purpose, owner }, setWords] = useState({ name: draft.name, purpose: draft.purpose, owner: draft.owner });
  const put = useAction("segment_put");
  const review = useAction("segment_review");
  const remove = useAction("part_remove");
  const toast = useToast();
  const failed = { onError: (error: unknown) => toast(sentence(error)) };
  const save = () => name.trim() && !put.isPending && put.mutate({ ...draft, name, purpose, owner }, { ...failed, onSuccess: ({ id, operation }) => { toast(`View ${name.trim()} saved`, undoing(operation)); onSaved(id); } });
  const field = (key: "name" | "purpose" | "owner", label: string, example: string) => (
    <label className="col g4"><span className="lab">{label}</span><span className="inp"><input aria-label={label} placeholder={example} value={{ name, purpose, owner }[key]} onChange={(event) => setWords({ name, purpose, owner, [key]: event.target.value })} /></span></label>
  );
  return (
    <Dialog title={kept ? `View ${kept.name}` : "Save as view"} onClose={onClose} onSubmit={save} width={460}
      buttons={<>
        {kept && <button type="button" className="btn gh dgr" onClick={() => remove.mutate({ id: kept.id }, { ...failed, onSuccess: ({ operation }) => { toast(`View ${kept.name} deleted; its contacts stay`, undoing(operation)); onSaved(null); } })}><Trash2 /> Delete view</button>}
        <span className="sp" /><button type="button" className="btn" onClick={onClose}>Cancel</button><button type="submit" className="btn pri" disabled={!name.trim() || put.isPending}>Save view <span className="kbd">Enter</span></button>
      </>}>
      {field("name", "Name", "Qualified leads")}
      {field("purpose", "Purpose", "Sales calls")}
      {field("owner", "Who answers for it", "Marta Ruiz")}
      <p className="t12 mut">{draft.filter || draft.query ? <code className="mono">{[draft.query && `“${draft.query}”`, draft.filter].filter(Boolean).join(" ")}</code> : "Everybody"}</p>
      {kept && (
        <div className={`note ${kept.stale ? "warn" : ""}`}>
          <span className="sp">{kept.count === null ? "Its filter makes no sense any more." : contacts(kept.count)}, {kept.reviewedAt ? `looked at ${ago(kept.reviewedAt)} ago` : "never looked at"}. {kept.stale && "Is it still right, and still needed?"}</span>
          <button type="button" className="btn sm" onClick={() => review.mutate({ id: kept.id }, { ...failed, onSuccess: ({ operation }) => { toast("Looked at today", undoing(operation)); onSaved(kept.id); } })}><Check /> Still right</button>
        </div>
      )}
    </Dialog>
  );
}
