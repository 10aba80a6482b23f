import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Plus, Send, Trash2, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../api/cache";
import type { BaseView, RuleParts, RuleView } from "../api/generated/commands";
import { Tool, type Undoing, useSaying } from "./tool";
import { worded } from "../text/worded";
import "./parts.css";

/** Rules as sentences, each with what keeps it from being sent. */
export function Rules({ rules, undoing }: { rules: RuleView[]; undoing: Undoing }) {
  const confirm = useAction("rule_confirm");
  const remove = useAction("part_remove");
  const say = useSaying(undoing);
  return (
    <ul className="plist2">
      {rules.map(({ rule, sentence, warning: risk, pushable }) => { const [text, warning] = [worded(sentence), risk && worded(risk)]; return (
        <li key={rule.id}>
          <div className="sp">
            <p className="ptext">{text}</p>
            {warning && <p className="note warn t12" style={{ marginTop: 8 }}><TriangleAlert /><span className="sp">{warning} {pushable ? t`It is sent anyway: somebody confirmed it.` : t`It is kept, and not sent.`}</span></p>}
          </div>
          <span className={`bdg ${pushable ? "ok" : "warn"}`}>{pushable ? <Send /> : <TriangleAlert />} {pushable ? t`Sent` : t`Not sent`}</span>
          {warning && !pushable && <button type="button" className="btn sm" aria-label={t`Send anyway: ${text}`} onClick={() => confirm.mutate({ id: rule.id }, say(t`Confirmed: it is sent`))}><Trans>Send anyway</Trans></button>}
          <Tool name={t`Delete the rule: ${text}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: rule.id }, say(t`Rule deleted`))} />
        </li>
      ); })}
    </ul>
  );
}

const EMPTY: RuleParts = { id: "", axis: "card", name: "", platform: "", base: "", everything: true, documents: [], faqs: [], labels: [], anyLabel: false, confirmed: false };
const AXES: [RuleParts["axis"], MessageDescriptor][] = [["tier", msg`Tier`], ["department", msg`Department`], ["tag", msg({ message: "Tag", context: "noun" })]];

/** A new rule: on a card, or for a tier, a department or a tag. */
export function RuleForm({ contact, undoing }: { contact?: string; undoing: Undoing }) {
  const permissions = useCommand("permission_list", {});
  const put = useAction("rule_put");
  const say = useSaying(undoing);
  const empty: RuleParts = contact ? EMPTY : { ...EMPTY, axis: "tier" };
  const [rule, setRule] = useState(empty);
  const bases = permissions.data?.bases ?? [];
  const base = bases.find(({ id }) => id === rule.base);
  const platforms = [...new Set(bases.map(({ platform }) => platform))];
  const isReady = rule.platform.trim() !== "" && base !== undefined && (contact !== undefined || rule.name.trim() !== "");
  const save = () => isReady && put.mutate({ contact: contact ?? null, rule }, say(t`Rule added`, () => setRule(empty)));
  const foreign = base && rule.platform.trim() !== "" && base.platform !== rule.platform.trim();
  if (permissions.data && bases.length === 0)
    return <p className="pad mut"><Trans>No knowledge base is known yet. Add those of your platforms in Settings, Permissions.</Trans></p>;
  return (
    <form className="writer" onSubmit={(event) => { event.preventDefault(); save(); }}>
      <div className="row g8 wrap">
        {!contact && (
          <>
            <select className="fsel" style={{ width: 120 }} aria-label={t`For a`} value={rule.axis} onChange={(event) => setRule({ ...rule, axis: event.target.value as RuleParts["axis"] })}>{AXES.map(([key, label]) => <option key={key} value={key}>{i18n._(label)}</option>)}</select>
            <span className="inp sp"><input aria-label={t`Its name`} placeholder="VIP" value={rule.name} onChange={(event) => setRule({ ...rule, name: event.target.value })} /></span>
          </>
        )}
        <span className="inp sp"><input aria-label={t`On the platform`} placeholder={t`On the platform`} list="platforms" value={rule.platform} onChange={(event) => setRule({ ...rule, platform: event.target.value })} /></span>
        <datalist id="platforms">{platforms.map((one) => <option key={one} value={one} />)}</datalist>
        <select className="fsel" style={{ width: 200 }} aria-label={t`Knowledge base`} value={rule.base} onChange={(event) => setRule({ ...rule, base: event.target.value, documents: [], faqs: [] })}>
          <option value="">{t`Knowledge base`}</option>
          {bases.map((one) => <option key={one.id} value={one.id}>{one.name} ({one.platform})</option>)}
        </select>
      </div>
      {foreign && <p className="note warn t12" role="status"><TriangleAlert /><span><Trans>{base.name} belongs to {base.platform}, not to {rule.platform}. The rule will be kept, and not sent until you confirm it.</Trans></span></p>}
      {base && <Chosen base={base} rule={rule} onChange={setRule} />}
      <div className="row g8"><span className="sp" /><button type="submit" className="btn sm" disabled={!isReady}><Plus /> <Trans>Add rule</Trans></button></div>
    </form>
  );
}

/** All of a base, or some documents and FAQs of it. */
function Chosen({ base, rule, onChange }: { base: BaseView; rule: RuleParts; onChange(rule: RuleParts): void }) {
  const toggle = (list: string[], id: string) => (list.includes(id) ? list.filter((one) => one !== id) : [...list, id]);
  return (
    <fieldset className="chosen">
      <legend className="visually-hidden"><Trans>What of {base.name}</Trans></legend>
      <label className="row g6"><input type="checkbox" checked={rule.everything} onChange={(event) => onChange({ ...rule, everything: event.target.checked })} /> <Trans>All of it</Trans></label>
      {!rule.everything && base.documents.map(([id, name]) => <label key={id} className="row g6"><input type="checkbox" checked={rule.documents.includes(id)} onChange={() => onChange({ ...rule, documents: toggle(rule.documents, id) })} /> {name}</label>)}
      {!rule.everything && base.faqs.map(([id, name]) => <label key={id} className="row g6"><input type="checkbox" checked={rule.faqs.includes(id)} onChange={() => onChange({ ...rule, faqs: toggle(rule.faqs, id) })} /> “{name}”</label>)}
    </fieldset>
  );
}
