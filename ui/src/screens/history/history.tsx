import { Archive, ArchiveRestore, Download, FilePlus2, Merge, Pencil, RotateCcw, Sparkles, Tag, Trash2, Zap } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { KeptView, OperationView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Avatar } from "../../components/avatar";
import { Dialog } from "../../components/dialog";
import { useToast } from "../../components/toast";
import { contacts, count, day, fieldLabel, n, OPERATIONS, time } from "../../text/en";
import "./history.css";

const ICONS: Record<string, typeof Pencil> = {
  import: Download, contact_create: FilePlus2, contact_bin: Trash2, contact_restore: RotateCcw, contact_tag: Tag, contact_combine: Merge, contact_join: Merge,
  contact_archive: Archive, contact_unarchive: ArchiveRestore, cell_edit: Pencil, bin_empty: Trash2, rule_run: Zap,
  undo: RotateCcw, redo: RotateCcw, rollback: RotateCcw, sample_load: Sparkles,
};
/** Names that are shown of those that were left alone. */
const SHOWN = 50;
const STATES: Record<string, string> = { undone: "Undone", rolled_back: "Taken back", open: "Running" };

/** Every operation with what it did and the way back; the bin is its second tab. */
export function History({ tab, onTab }: { tab: "history" | "bin"; onTab(tab: "history" | "bin"): void }) {
  return (
    <main className="main">
      <div className="head"><h1>{tab === "history" ? "History" : "Bin"}</h1></div>
      <div className="tabs">
        <button type="button" className={tab === "history" ? "on" : ""} aria-pressed={tab === "history"} onClick={() => onTab("history")}>History</button>
        <button type="button" className={tab === "bin" ? "on" : ""} aria-pressed={tab === "bin"} onClick={() => onTab("bin")}>Bin</button>
      </div>
      {tab === "history" ? <Operations /> : <Bin />}
    </main>
  );
}

function Operations() {
  const history = useCommand("history_list", { limit: 200 });
  const operations = history.data?.operations ?? [];
  if (history.data && operations.length === 0)
    return <div className="empty"><Pencil /><p className="t14">Nothing has been done yet.</p><p className="mut">Everything you do stands here, and can be undone from here.</p></div>;
  return (
    <ol className="scroll ops" aria-label="Operations, newest first">
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
  const reverse = (action: typeof undo, word: string) =>
    action.mutate({ id: operation.id }, {
      onSuccess: (report) => {
        setLeft(report.kept);
        const kept = report.kept.length ? `, ${report.kept.length} kept because you edited them` : "";
        toast(`${word}: ${n(report.removed)} removed, ${n(report.restored)} restored${kept}`);
      },
      onError: (error) => toast(sentence(error)),
    });
  const own = !["undo", "redo", "rollback"].includes(operation.kind);
  return (
    <>
      {newDay && <li className="dy">{day(at)}</li>}
      <li className={`op ${operation.state}`}>
        <time dateTime={operation.at}>{time(operation.at)}</time>
        <span className="oi"><Icon /></span>
        <span className="ell"><b>{OPERATIONS[operation.kind] ?? operation.kind}</b> <bdi>{operation.subject}</bdi> <span className="t12 mut">{counts(operation)}</span></span>
        <span className="mut ell">{operation.actor} · {operation.origin}</span>
        <span>{STATES[operation.state] && <span className="bdg">{STATES[operation.state]}</span>}</span>
        <span className="oa">
          {own && operation.state === "done" && <button type="button" className="btn sm" disabled={undo.isPending} onClick={() => reverse(undo, "Undone")}>Undo</button>}
          {own && operation.state === "undone" && <button type="button" className="btn sm" disabled={redo.isPending} onClick={() => reverse(redo, "Done again")}>Redo</button>}
        </span>
        {left.length > 0 && (
          <details className="kept" open><summary>{count(left.length, "contact", "contacts")} kept because you edited them</summary>
            <ul>{left.slice(0, SHOWN).map((one) => <li key={one.id}><bdi className="w5">{one.name}</bdi> <span className="mut">{one.fields.length > 0 ? one.fields.map(fieldLabel).join(", ") : "the whole card"}</span></li>)}</ul>
            {left.length > SHOWN && <p className="mut">and {n(left.length - SHOWN)} more</p>}
          </details>
        )}
      </li>
    </>
  );
}

function counts({ counts }: OperationView): string {
  if (!counts) return "";
  return Object.entries(counts).filter(([key, amount]) => amount > 0 && key !== "records").map(([key, amount]) => `${n(amount)} ${key}`).join(", ");
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
    empty.mutate({}, { ...failed, onSuccess: ({ changed, operation }) => toast(`${contacts(changed)} removed`, operation ? () => undo.mutate({ id: operation }, failed) : undefined) });
  };
  const total = view.data?.total ?? 0;
  if (view.data && total === 0) return <div className="empty"><Trash2 /><p className="t14">The bin is empty.</p><p className="mut">What you move here stays for 30 days.</p></div>;
  const shown = (rows.data?.rows ?? []).filter((row) => row !== null);
  return (
    <>
      <ul className="scroll ops" aria-label="Contacts in the bin">
        {shown.map((row) => (
          <li key={row.id} className="op binned">
            <Avatar name={row.name} organization={row.kind === "organization"} size="s24" />
            <bdi className="ell w5">{row.name}</bdi>
            <span className="mut ell">{row.email || row.phone}</span>
            <span className="oa"><button type="button" className="btn sm" onClick={() => restore.mutate({ ids: [row.id] }, { onSuccess: () => toast(`${row.name} is back`) })}>Restore</button></span>
          </li>
        ))}
      </ul>
      <div className="act"><span className="mut sp">{contacts(total)} in the bin{total > shown.length ? `, the first ${n(shown.length)} shown` : ""}</span>
        <button type="button" className="btn dgr" disabled={empty.isPending} onClick={() => setAsking(true)}><Trash2 /> Empty now</button>
        <button type="button" className="btn" onClick={() => restore.mutate({ ids: shown.map((row) => row.id) }, { onSuccess: ({ count: back }) => toast(`${count(back, "contact is", "contacts are")} back`) })}>Restore {n(shown.length)}</button>
      </div>
      {asking && (
        <Dialog title={`Remove ${contacts(total)}?`} onClose={() => setAsking(false)} onSubmit={emptyNow}
          buttons={<><button type="button" className="btn" onClick={() => setAsking(false)}>Keep them</button><button type="submit" className="btn dgr">Empty the bin</button></>}>
          <p>They leave the bin with everything on their cards. Undo and the History can still bring them back: this is no erasure for good. Only the values of their secrets are destroyed.</p>
        </Dialog>
      )}
    </>
  );
}
