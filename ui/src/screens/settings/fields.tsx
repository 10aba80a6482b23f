import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { Commands } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { contacts, count } from "../../text/en";
import { Renamed } from "./renamed";

type Kind = Commands["field_create"]["request"]["kind"];
const KINDS: [Kind, string][] = [["text", "Text"], ["number", "Number"], ["boolean", "Yes or no"], ["date", "Date"], ["choice", "Choice"]];

/** Custom fields: made, renamed, retyped, deleted; all of it undoable. */
export function Fields() {
  const facets = useCommand("facets_get", {});
  const create = useAction("field_create");
  const change = useAction("field_change");
  const remove = useAction("field_delete");
  const undo = useAction("history_undo");
  const toast = useToast();
  const [label, setLabel] = useState("");
  const [kind, setKind] = useState<Kind>("text");
  const undoing = (operation: string | null) => (operation ? () => undo.mutate({ id: operation }) : undefined);
  const fail = (error: unknown) => toast(sentence(error));
  const fields = facets.data?.customFields ?? [];
  const put = (key: string, next: { label: string; kind: Kind }) =>
    change.mutate({ key, ...next }, {
      onSuccess: (done) => toast(done.kept > 0 ? `Field changed. ${count(done.kept, "value does", "values do")} not fit the type and stay as they are` : "Field changed", undoing(done.operation)),
      onError: fail,
    });
  return (
    <section className="card">
      <header><h3>Custom fields</h3><span className="mut">{count(fields.length, "field", "fields")}</span></header>
      <table className="tbl">
        <thead><tr><th>Name</th><th>In files and filters</th><th>Type</th><th><span className="visually-hidden">Delete</span></th></tr></thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.key}>
              <td><Renamed value={field.label} label={`Name of ${field.label}`} onSave={(next) => put(field.key, { label: next, kind: field.kind as Kind })} /></td>
              <td className="mono mut">{field.key}</td>
              <td><select className="fsel" style={{ width: 120 }} aria-label={`Type of ${field.label}`} value={field.kind} onChange={(e) => put(field.key, { label: field.label, kind: e.target.value as Kind })}>
                {KINDS.map(([key, word]) => <option key={key} value={key}>{word}</option>)}</select></td>
              <td className="r"><button type="button" className="btn ic sm gh" aria-label={`Delete the field ${field.label}`} onClick={() => remove.mutate({ key: field.key }, {
                onSuccess: (done) => toast(`${field.label} deleted, ${contacts(done.count)} had a value`, undoing(done.operation)), onError: fail })}><Trash2 /></button></td>
            </tr>
          ))}
        </tbody>
      </table>
      <footer>
        <form className="row g6" onSubmit={(e) => { e.preventDefault(); create.mutate({ label, kind }, { onSuccess: (done) => { setLabel(""); toast("Field made", undoing(done.operation)); }, onError: fail }); }}>
          <span className="inp sp"><input value={label} placeholder="Name of a new field" aria-label="Name of a new field" onChange={(e) => setLabel(e.target.value)} /></span>
          <select className="fsel" style={{ width: 120 }} aria-label="Type of the new field" value={kind} onChange={(e) => setKind(e.target.value as Kind)}>{KINDS.map(([key, word]) => <option key={key} value={key}>{word}</option>)}</select>
          <button type="submit" className="btn" disabled={!label.trim()}><Plus /> Field</button>
        </form>
      </footer>
    </section>
  );
}
