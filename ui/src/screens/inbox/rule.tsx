import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ListChecks } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { Conflict, RulePreview } from "../../api/generated/commands";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { fieldLabel, n } from "../../text/words";
import type { Side } from "./deciding";
import { Value } from "./value";

interface Props {
  conflict: Conflict;
  /** Key of the field of which a side was chosen, and which. */
  field: string;
  side: Side;
  /** What it would settle is shown. */
  isOpen: boolean;
  onOpen(isOpen: boolean): void;
  onRuled(text: string, operation: string | null): void;
}

/** Offers to decide a field once and for all. What that settles is seen before it is done. */
export function Always({ conflict, field, side, isOpen, onOpen, onRuled }: Props) {
  const found = useCommand("conflict_rule_preview", { remote: conflict.remote, field });
  const title = titleOf(side, conflict.remoteName, field);
  const { settles = 0, waiting = 0 } = found.data ?? {};
  const total = n(waiting);
  return (
    <section className="card cfalways" aria-labelledby="always-title">
      <div className="sp">
        <h3 id="always-title">{title}</h3>
        <p className="t12 mut"><Trans>Keeps a rule that you see and take away in Connections.</Trans> {found.data && plural(settles, { one: `It would settle ${n(settles)} value; ${total} wait in all.`, other: `It would settle ${n(settles)} values; ${total} wait in all.` })}</p>
      </div>
      <button type="button" className="btn" disabled={!found.data} onClick={() => onOpen(true)}><ListChecks /> <Trans>Show what it settles</Trans> <span className="kbd" aria-hidden>A</span></button>
      {isOpen && found.data && <Sure title={title} conflict={conflict} field={field} side={side} found={found.data} onClose={() => onOpen(false)} onRuled={onRuled} />}
    </section>
  );
}

/** `Always take Radicale for Phone` */
function titleOf(side: Side, remote: string, field: string): string {
  const label = fieldLabel(field);
  return side === "mine" ? t`Always keep mine for ${label} at ${remote}` : t`Always take ${remote} for ${label}`;
}

interface SureProps extends Pick<Props, "conflict" | "field" | "side" | "onRuled"> {
  title: string;
  found: RulePreview;
  onClose(): void;
}

/** The values that a rule would settle, and the button that keeps it. */
function Sure({ title, conflict, field, side, found, onClose, onRuled }: SureProps) {
  const keep = useAction("conflict_rule_set");
  const [failure, setFailure] = useState<unknown>(null);
  const { remote } = conflict;
  const start = () =>
    !keep.isPending && keep.mutate({ remote, field, keep: side, seen: found.seen }, {
      onSuccess: ({ count, operation }) => { onClose(); onRuled(plural(count, { one: `The rule is kept, ${n(count)} value settled`, other: `The rule is kept, ${n(count)} values settled` }), operation); },
      onError: setFailure,
    });
  const left = found.settles - found.values.length;
  const more = n(left);
  return (
    <Dialog title={`${title}?`} width={560} onClose={onClose} onSubmit={start} buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={keep.isPending}><Trans>Save rule</Trans></button></>}>
      <p className="mut">{side === "mine" ? t`These values go there with the next run. Until then the rule can be taken away, and all is as it was.` : t`These values come here now, in one step that can be taken back. What a card loses stays in its history.`}</p>
      <div className="cfruled" tabIndex={0} role="region" aria-label={t`What it settles`}>
        <table className="tbl">
          <thead><tr><th><Trans>Contact</Trans></th><th><Trans>Mine</Trans></th><th><Trans>Theirs</Trans></th></tr></thead>
          <tbody>{found.values.map((value) => <tr key={value.pair}><td><bdi>{value.name}</bdi></td><td className={side === "mine" ? "w5" : "mut"}><Value text={value.mine} other={value.theirs} /></td><td className={side === "theirs" ? "w5" : "mut"}><Value text={value.theirs} other={value.mine} /></td></tr>)}</tbody>
        </table>
      </div>
      {left > 0 && <p className="t12 mut">{t`and ${more} more`}</p>}
      <p className="t12 mut"><Trans>From now on the rule decides this field by itself whenever both sides changed it.</Trans></p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
