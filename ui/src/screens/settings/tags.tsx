import { Trash2 } from "lucide-react";
import { useAction, useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { contacts, count, n } from "../../text/en";
import { Renamed } from "./renamed";

/** Tags: renamed, joined by giving one the name of another, deleted. */
export function Tags() {
  const facets = useCommand("facets_get", {});
  const rename = useAction("tag_rename");
  const remove = useAction("tag_delete");
  const undo = useAction("history_undo");
  const toast = useToast();
  const tags = facets.data?.tags ?? [];
  const undoing = (operation: string | null) => (operation ? () => undo.mutate({ id: operation }) : undefined);
  const fail = (error: unknown) => toast(sentence(error));
  const put = (name: string, to: string) => {
    const joins = tags.some((tag) => tag.value !== name && tag.value.toLowerCase() === to.toLowerCase());
    rename.mutate({ name, to }, { onSuccess: (done) => toast(joins ? `${name} and ${to} are one tag now, ${contacts(done.count)} changed` : `${name} is called ${to} now`, undoing(done.operation)), onError: fail });
  };
  return (
    <section className="card">
      <header><h3>Tags</h3><span className="mut">{count(tags.length, "tag", "tags")}. Give one the name of another to join them.</span></header>
      {tags.length === 0 ? <div className="pad mut">No contact has a tag yet.</div> : (
        <table className="tbl">
          <thead><tr><th>Tag</th><th className="r">Contacts</th><th><span className="visually-hidden">Delete</span></th></tr></thead>
          <tbody>
            {tags.map((tag) => (
              <tr key={tag.value}>
                <td><Renamed value={tag.value} label={`Name of ${tag.value}`} onSave={(next) => put(tag.value, next)} /></td>
                <td className="r num">{n(tag.count)}</td>
                <td className="r"><button type="button" className="btn ic sm gh" aria-label={`Delete the tag ${tag.value}`} onClick={() => remove.mutate({ name: tag.value }, {
                  onSuccess: (done) => toast(`${tag.value} deleted, ${contacts(done.count)} had it`, undoing(done.operation)), onError: fail })}><Trash2 /></button></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
