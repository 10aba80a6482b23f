import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, Trash2 } from "lucide-react";
import { useState } from "react";
import { useAction } from "../api/cache";
import type { SegmentParts, SegmentView } from "../api/generated/commands";
import { sentence } from "../api/host";
import { ago, contacts, isLately } from "../text/words";
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

/** How many are in it, and when somebody looked at it. */
function standing({ count, reviewedAt }: SegmentView): string {
  const [since, lately] = [ago(reviewedAt), isLately(reviewedAt)];
  if (count === null) return !reviewedAt ? t`Its filter makes no sense any more, never looked at.` : lately ? t`Its filter makes no sense any more, looked at ${since} ago.` : t`Its filter makes no sense any more, looked at on ${{ day: since }}.`;
  const amount = contacts(count);
  return !reviewedAt ? t`${amount}, never looked at.` : lately ? t`${amount}, looked at ${since} ago.` : t`${amount}, looked at on ${{ day: since }}.`;
}

/** A view gets a name, a purpose and somebody who answers for it. */
export function SegmentDialog({ draft, kept, undoing, onClose, onSaved }: Props) {
  const [{ name, purpose, owner }, setWords] = useState({ name: draft.name, purpose: draft.purpose, owner: draft.owner });
  const put = useAction("segment_put");
  const review = useAction("segment_review");
  const remove = useAction("part_remove");
  const toast = useToast();
  const failed = { onError: (error: unknown) => toast(sentence(error)) };
  const called = name.trim();
  const save = () => called && !put.isPending && put.mutate({ ...draft, name, purpose, owner }, { ...failed, onSuccess: ({ operation }) => toast(t`View ${called} saved`, undoing(operation)), ifShown: ({ id }) => onSaved(id) });
  const field = (key: "name" | "purpose" | "owner", label: string, example: string) => (
    <label className="col g4"><span className="lab">{label}</span><span className="inp"><input aria-label={label} placeholder={example} value={{ name, purpose, owner }[key]} onChange={(event) => setWords({ name, purpose, owner, [key]: event.target.value })} /></span></label>
  );
  return (
    <Dialog title={kept ? t`View ${kept.name}` : t`Save as view`} onClose={onClose} onSubmit={save} width={460}
      buttons={<>
        {kept && <button type="button" className="btn gh dgr" onClick={() => remove.mutate({ id: kept.id }, { ...failed, onSuccess: ({ operation }) => toast(t`View ${kept.name} deleted; its contacts stay`, undoing(operation)), ifShown: () => onSaved(null) })}><Trash2 /> <Trans>Delete view</Trans></button>}
        <span className="sp" /><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!called || put.isPending}><Trans>Save view</Trans> <span className="kbd">Enter</span></button>
      </>}>
      {field("name", t`Name`, t`Qualified leads`)}
      {field("purpose", t`Purpose`, t`Sales calls`)}
      {field("owner", t`Who answers for it`, "Marta Ruiz")}
      <p className="t12 mut">{draft.filter || draft.query ? <code className="mono">{[draft.query && `“${draft.query}”`, draft.filter].filter(Boolean).join(" ")}</code> : t`Everybody`}</p>
      {kept && (
        <div className={`note ${kept.stale ? "warn" : ""}`}>
          <span className="sp">{standing(kept)} {kept.stale && t`Is it still right, and still needed?`}</span>
          <button type="button" className="btn sm" onClick={() => review.mutate({ id: kept.id }, { ...failed, onSuccess: ({ operation }) => toast(t`Looked at today`, undoing(operation)), ifShown: () => onSaved(kept.id) })}><Check /> <Trans>Still right</Trans></button>
        </div>
      )}
    </Dialog>
  );
}
