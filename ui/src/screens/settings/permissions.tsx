import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { n } from "../../text/words";
import { RuleForm, Rules } from "../../components/permission-rules";
import { Tool, useSaying } from "../../components/tool";

/** `id name`, one a line; a line of one word is both. */
const entries = (text: string): [string, string][] =>
  text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const [id = "", ...rest] = line.split(/\s+/);
    return [id, rest.join(" ") || id];
  });

/** Knowledge bases of platforms, and rules for tiers, departments and tags. */
export function Permissions() {
  const permissions = useCommand("permission_list", {});
  const put = useAction("base_put");
  const remove = useAction("part_remove");
  const undo = useAction("history_undo");
  const undoing = (operation: string | null) => (operation ? () => undo.mutate({ id: operation }) : undefined);
  const say = useSaying(undoing);
  const empty = { platform: "", name: "", externalId: "", documents: "", faqs: "" };
  const [base, setBase] = useState(empty);
  const isReady = [base.platform, base.name, base.externalId].every((one) => one.trim() !== "");
  const field = (key: keyof typeof empty, label: string) => (
    <span className="inp sp"><input aria-label={label} placeholder={label} value={base[key]} onChange={(event) => setBase({ ...base, [key]: event.target.value })} /></span>
  );
  const area = (key: "documents" | "faqs", label: string) => (
    <textarea aria-label={label} placeholder={label} rows={2} value={base[key]} onChange={(event) => setBase({ ...base, [key]: event.target.value })} />
  );
  const bases = permissions.data?.bases ?? [];
  return (
    <>
      {permissions.error && <p className="bad" role="alert">{sentence(permissions.error)}</p>}
      <section className="card">
        <header><h3><Trans>Knowledge bases</Trans></h3><span className="mut">{plural(bases.length, { one: `${n(bases.length)} base`, other: `${n(bases.length)} bases` })}</span></header>
        <ul className="plist2">
          {bases.map((one) => {
            const code = <code className="mono">{one.externalId}</code>;
            const documents = plural(one.documents.length, { one: `${n(one.documents.length)} document`, other: `${n(one.documents.length)} documents` });
            const faqs = plural(one.faqs.length, { one: `${n(one.faqs.length)} FAQ`, other: `${n(one.faqs.length)} FAQs` });
            return (
              <li key={one.id} className="file">
                <div className="sp"><p className="ell w5">{one.name} <span className="bdg">{one.platform}</span></p><p className="t12 mut"><Trans>{code}, {documents}, {faqs}</Trans></p></div>
                <Tool name={t`Delete ${{ name: one.name }} with its rules`} icon={<Trash2 />} onClick={() => remove.mutate({ id: one.id }, say(t`Knowledge base deleted with its rules`))} />
              </li>
            );
          })}
        </ul>
        {permissions.data && bases.length === 0 && <p className="pad mut"><Trans>What agents of your platforms can look things up in. Until sync brings it, you add it here.</Trans></p>}
        <form className="writer" onSubmit={(event) => { event.preventDefault(); if (isReady) put.mutate({ id: "", platform: base.platform.trim(), name: base.name.trim(), externalId: base.externalId.trim(), documents: entries(base.documents), faqs: entries(base.faqs) }, say(t`Knowledge base added`, () => setBase(empty))); }}>
          <div className="row g8">{field("platform", t`Platform`)}{field("name", t`Name`)}{field("externalId", t`Its id there`)}</div>
          {area("documents", t`Documents: id and name, one a line`)}
          {area("faqs", t`FAQs: id and question, one a line`)}
          <div className="row g8"><span className="sp" /><button type="submit" className="btn sm" disabled={!isReady}><Plus /> <Trans>Add knowledge base</Trans></button></div>
        </form>
      </section>
      <section className="card">
        <header><h3><Trans>Rules for tiers, departments and tags</Trans></h3></header>
        <RuleForm undoing={undoing} />
        <Rules rules={permissions.data?.rules ?? []} undoing={undoing} />
      </section>
    </>
  );
}
