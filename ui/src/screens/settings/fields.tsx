import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { Commands } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { contacts, n } from "../../text/words";
import { Renamed } from "./renamed";

type Kind = Commands["field_create"]["request"]["kind"];
const KINDS: [Kind, MessageDescriptor][] = [["text", msg`Text`], ["number", msg`Number`], ["boolean", msg`Yes or no`], ["date", msg`Date`], ["choice", msg`Choice`]];

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
      onSuccess: ({ kept, operation }) => toast(kept > 0 ? plural(kept, { one: `Field changed. ${n(kept)} value does not fit the type and stays as it is`, other: `Field changed. ${n(kept)} values do not fit the type and stay as they are` }) : t`Field changed`, undoing(operation)),
      onError: fail,
    });
  return (
    <section className="card">
      <header><h3><Trans>Custom fields</Trans></h3><span className="mut">{plural(fields.length, { one: `${n(fields.length)} field`, other: `${n(fields.length)} fields` })}</span></header>
      <table className="tbl">
        <thead><tr><th><Trans>Name</Trans></th><th><Trans>In files and filters</Trans></th><th><Trans>Type</Trans></th><th><span className="visually-hidden"><Trans>Delete</Trans></span></th></tr></thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.key}>
              <td><Renamed value={field.label} label={t`Name of ${{ field: field.label }}`} onSave={(next) => put(field.key, { label: next, kind: field.kind as Kind })} /></td>
              <td className="mono mut">{field.key}</td>
              <td><select className="fsel" style={{ width: 120 }} aria-label={t`Type of ${{ field: field.label }}`} value={field.kind} onChange={(e) => put(field.key, { label: field.label, kind: e.target.value as Kind })}>
                {KINDS.map(([key, word]) => <option key={key} value={key}>{i18n._(word)}</option>)}</select></td>
              <td className="r"><button type="button" className="btn ic sm gh" aria-label={t`Delete the field ${{ field: field.label }}`} onClick={() => remove.mutate({ key: field.key }, {
                onSuccess: (done) => toast(t`${{ field: field.label }} deleted, ${{ contacts: contacts(done.count) }} had a value`, undoing(done.operation)), onError: fail })}><Trash2 /></button></td>
            </tr>
          ))}
        </tbody>
      </table>
      <footer>
        <form className="row g6" onSubmit={(e) => { e.preventDefault(); create.mutate({ label, kind }, { onSuccess: (done) => { setLabel(""); toast(t`Field made`, undoing(done.operation)); }, onError: fail }); }}>
          <span className="inp sp"><input value={label} placeholder={t`Name of a new field`} aria-label={t`Name of a new field`} onChange={(e) => setLabel(e.target.value)} /></span>
          <select className="fsel" style={{ width: 120 }} aria-label={t`Type of the new field`} value={kind} onChange={(e) => setKind(e.target.value as Kind)}>{KINDS.map(([key, word]) => <option key={key} value={key}>{i18n._(word)}</option>)}</select>
          <button type="submit" className="btn" disabled={!label.trim()}><Plus /> <Trans>Field</Trans></button>
        </form>
      </footer>
    </section>
  );
}
