import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Archive, ArchiveRestore, Download, FilePlus2, GitFork, Merge, Pencil, RefreshCw, RotateCcw, Sparkles, Tag, Trash2, Zap } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { KeptView, OperationView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Avatar } from "../../components/avatar";
import { Dialog } from "../../components/dialog";
import { useToast } from "../../components/toast";
import { byWhom, contacts, day, fieldLabel, n, operationWord, reversed, subjectOf, time } from "../../text/words";
import "./history.css";

const ICONS: Record<string, typeof Pencil> = {
  import: Download, contact_create: FilePlus2, contact_bin: Trash2, contact_restore: RotateCcw, contact_tag: Tag, contact_combine: Merge, contact_join: Merge,
  contact_archive: Archive, contact_unarchive: ArchiveRestore, cell_edit: Pencil, bin_empty: Trash2, rule_run: Zap, sync_run: RefreshCw, sync_decide: GitFork,
  undo: RotateCcw, redo: RotateCcw, rollback: RotateCcw, sample_load: Sparkles,
};
/** Names that are shown of those that were left alone. */
const SHOWN = 50;
const STATES: Record<string, MessageDescriptor> = { undone: msg`Undone`, rolled_back: msg`Taken back`, open: msg`Running` };
const COUNTS: Record<string, (amount: string, of: number) => string> = {
  created: (amount) => t`${amount} created`,
  updated: (amount) => t`${amount} updated`,
  unchanged: (amount) => t`${amount} unchanged`,
  duplicate: (_, of) => plural(of, { one: `${n(of)} duplicate`, other: `${n(of)} duplicates` }),
  suppressed: (amount) => t`${amount} suppressed`,
  held: (amount) => t`${amount} held`,
  rejected: (amount) => t`${amount} rejected`,
  matched: (amount) => t`${amount} matched`,
  visitors: (_, of) => plural(of, { one: `${n(of)} visitor`, other: `${n(of)} visitors` }),
  unattached: (amount) => t`${amount} unattached`,
  dropped: (amount) => t`${amount} dropped`,
  countries_left_out: (_, of) => plural(of, { one: `${n(of)} country left out`, other: `${n(of)} countries left out` }),
  known: (amount) => t`${amount} known`,
  removed: (amount) => t`${amount} removed`,
  restored: (amount) => t`${amount} restored`,
  kept: (amount) => t`${amount} kept`,
  gone: (amount) => t`${amount} gone`,
};

/** Every operation with what it did and the way back; the bin is its second tab. */
export function History({ tab, onTab }: { tab: "history" | "bin"; onTab(tab: "history" | "bin"): void }) {
  return (
    <main className="main">
      <div className="head"><h1>{tab === "history" ? t`History` : t`Bin`}</h1></div>
      <div className="tabs">
        <button type="button" className={tab === "history" ? "on" : ""} aria-pressed={tab === "history"} onClick={() => onTab("history")}><Trans>History</Trans></button>
        <button type="button" className={tab === "bin" ? "on" : ""} aria-pressed={tab === "bin"} onClick={() => onTab("bin")}><Trans>Bin</Trans></button>
      </div>
      {tab === "history" ? <Operations /> : <Bin />}
    </main>
  );
}

function Operations() {
  const history = useCommand("history_list", { limit: 200 });
  const operations = history.data?.operations ?? [];
  if (history.data && operations.length === 0)
    return <div className="empty"><Pencil /><p className="t14"><Trans>Nothing has been done yet.</Trans></p><p className="mut"><Trans>Everything you do stands here, and can be undone from here.</Trans></p></div>;
  return (
    <ol className="scroll ops" aria-label={t`Operations, newest first`}>
      {operations.map((operation, at) => <Operation key={operation.id} operation={operation} before={operations[at - 1]} />)}
    </ol>
  );
}

function Operation({ operation, before }: { operation: OperationView; before: OperationView | undefined }) {
  const toast = useToast();
  const undo = useAction("history_undo");
  const redo = useAction("history_redo");
  /** What was left alone, because somebody edited it since. */
  const [left, setLeft] = useState<KeptView[]>([]);
  const Icon = ICONS[operation.kind] ?? Pencil;
  const at = new Date(operation.at);
  const newDay = !before || new Date(before.at).toDateString() !== at.toDateString();
  const reverse = (action: typeof undo, again: boolean) =>
    action.mutate({ id: operation.id }, {
      onSuccess: (report) => {
        setLeft(report.kept);
        toast(reversed(report, again));
      },
      onError: (error) => toast(sentence(error)),
    });
  const own = !["undo", "redo", "rollback"].includes(operation.kind);
  const [state, by] = [STATES[operation.state], byWhom(operation.actor, operation.origin)];
  const [amount, more] = [left.length, n(left.length - SHOWN)];
  return (
    <>
      {newDay && <li className="dy">{day(at)}</li>}
      <li className={`op ${operation.state}`}>
        <time dateTime={operation.at}>{time(operation.at)}</time>
        <span className="oi"><Icon /></span>
        <span className="ell"><b>{operationWord(operation.kind)}</b> <bdi>{subjectOf(operation.kind, operation.subject)}</bdi> <span className="t12 mut">{counts(operation)}</span></span>
        <span className="mut ell" title={by}><bdi>{by}</bdi></span>
        <span>{state && <span className="bdg">{i18n._(state)}</span>}</span>
        <span className="oa">
          {own && operation.state === "done" && <button type="button" className="btn sm" disabled={undo.isPending} onClick={() => reverse(undo, false)}><Trans>Undo</Trans></button>}
          {own && operation.state === "undone" && <button type="button" className="btn sm" disabled={redo.isPending} onClick={() => reverse(redo, true)}><Trans>Redo</Trans></button>}
        </span>
        {amount > 0 && (
          <details className="kept" open><summary>{plural(amount, { one: `${n(amount)} contact kept because you edited it`, other: `${n(amount)} contacts kept because you edited them` })}</summary>
            <ul>{left.slice(0, SHOWN).map((one) => <li key={one.id}><bdi className="w5">{one.name}</bdi> <span className="mut">{one.fields.length > 0 ? one.fields.map(fieldLabel).join(", ") : t`the whole card`}</span></li>)}</ul>
            {amount > SHOWN && <p className="mut"><Trans>and {more} more</Trans></p>}
          </details>
        )}
      </li>
    </>
  );
}

function counts({ counts }: OperationView): string {
  if (!counts) return "";
  return Object.entries(counts).filter(([key, amount]) => amount > 0 && key !== "records").map(([key, amount]) => COUNTS[key]?.(n(amount), amount) ?? `${n(amount)} ${key}`).join(", ");
}

function Bin() {
  const view = useCommand("view_open", { query: "", filter: "", sort: ["-updated_at"], inBin: true, inTexts: false });
  const rows = useCommand("view_rows", { view: view.data?.view ?? 0, from: 0, to: 500 }, view.data !== undefined);
  const restore = useAction("contact_restore");
  const empty = useAction("bin_empty");
  const undo = useAction("history_undo");
  const [asking, setAsking] = useState(false);
  const toast = useToast();
  const failed = { onError: (error: unknown) => toast(sentence(error)) };
  const emptyNow = () => {
    setAsking(false);
    empty.mutate({}, { ...failed, onSuccess: ({ changed, operation }) => {
      const removed = contacts(changed);
      toast(t`${removed} removed`, operation ? () => undo.mutate({ id: operation }, failed) : undefined);
    } });
  };
  const total = view.data?.total ?? 0;
  if (view.data && total === 0) return <div className="empty"><Trash2 /><p className="t14"><Trans>The bin is empty.</Trans></p><p className="mut"><Trans>What you move here stays for 30 days.</Trans></p></div>;
  const shown = (rows.data?.rows ?? []).filter((row) => row !== null);
  const [binned, first] = [contacts(total), n(shown.length)];
  return (
    <>
      <ul className="scroll ops" aria-label={t`Contacts in the bin`}>
        {shown.map(({ id, name, kind, email, phone }) => (
          <li key={id} className="op binned">
            <Avatar name={name} organization={kind === "organization"} size="s24" />
            <bdi className="ell w5">{name}</bdi>
            <span className="mut ell">{email || phone}</span>
            <span className="oa"><button type="button" className="btn sm" onClick={() => restore.mutate({ ids: [id] }, { onSuccess: () => toast(t`${name} is back`) })}><Trans>Restore</Trans></button></span>
          </li>
        ))}
      </ul>
      <div className="act"><span className="mut sp">{total > shown.length ? t`${binned} in the bin, the first ${first} shown` : t`${binned} in the bin`}. <Trans>Each leaves 30 days after it was moved here.</Trans></span>
        <button type="button" className="btn dgr" disabled={empty.isPending} onClick={() => setAsking(true)}><Trash2 /> <Trans>Empty now</Trans></button>
        <button type="button" className="btn" onClick={() => restore.mutate({ ids: shown.map((row) => row.id) }, { onSuccess: ({ count: back }) => toast(plural(back, { one: `${n(back)} contact is back`, other: `${n(back)} contacts are back` })) })}>{total > shown.length ? t`Restore the first ${first}` : t`Restore all`}</button>
      </div>
      {asking && (
        <Dialog title={t`Remove ${binned}?`} onClose={() => setAsking(false)} onSubmit={emptyNow}
          buttons={<><button type="button" className="btn" onClick={() => setAsking(false)}><Trans>Keep them</Trans></button><button type="submit" className="btn dgr"><Trans>Empty the bin</Trans></button></>}>
          <p><Trans>They leave the bin with everything on their cards. Undo and the History can still bring them back: this is no erasure for good. Only the values of their secrets are destroyed.</Trans></p>
        </Dialog>
      )}
    </>
  );
}
