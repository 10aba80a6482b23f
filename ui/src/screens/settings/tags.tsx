import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Trash2 } from "lucide-react";
import { useAction, useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { contacts, n } from "../../text/words";
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
    rename.mutate({ name, to }, { onSuccess: (done) => toast(joins ? t`${name} and ${to} are one tag now, ${{ contacts: contacts(done.count) }} changed` : t`${name} is called ${to} now`, undoing(done.operation)), onError: fail });
  };
  return (
    <section className="card">
      <header><h3><Trans>Tags</Trans></h3><span className="mut">{plural(tags.length, { one: `${n(tags.length)} tag. Give one the name of another to join them.`, other: `${n(tags.length)} tags. Give one the name of another to join them.` })}</span></header>
      {tags.length === 0 ? <div className="pad mut"><Trans>No contact has a tag yet.</Trans></div> : (
        <table className="tbl">
          <thead><tr><th><Trans>Tag</Trans></th><th className="r"><Trans>Contacts</Trans></th><th><span className="visually-hidden"><Trans>Delete</Trans></span></th></tr></thead>
          <tbody>
            {tags.map((tag) => (
              <tr key={tag.value}>
                <td><Renamed value={tag.value} label={t`Name of ${{ tag: tag.value }}`} onSave={(next) => put(tag.value, next)} /></td>
                <td className="r num">{n(tag.count)}</td>
                <td className="r"><button type="button" className="btn ic sm gh" aria-label={t`Delete the tag ${{ tag: tag.value }}`} onClick={() => remove.mutate({ name: tag.value }, {
                  onSuccess: (done) => toast(t`${{ tag: tag.value }} deleted, ${{ contacts: contacts(done.count) }} had it`, undoing(done.operation)), onError: fail })}><Trash2 /></button></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
