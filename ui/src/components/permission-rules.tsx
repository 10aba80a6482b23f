import { Plus, Send, Trash2, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../api/cache";
import type { BaseView, RuleParts, RuleView } from "../api/generated/commands";
import { Tool, type Undoing, useSaying } from "./tool";
import "./parts.css";

/** Rules as sentences, each with what keeps it from being sent. */
export function Rules({ rules, undoing }: { rules: RuleView[]; undoing: Undoing }) {
  const confirm = useAction("rule_confirm");
  const remove = useAction("part_remove");
  const say = useSaying(undoing);
  return (
    <ul className="plist2">
      {rules.map(({ rule, sentence: text, warning, pushable }) => (
        <li key={rule.id}>
          <div className="sp">
            <p className="ptext">{text}</p>
            {warning && <p className="note warn t12" style={{ marginTop: 8 }}><TriangleAlert /><span className="sp">{warning} {pushable ? "It is sent all the same: somebody confirmed it." : "It is kept, and not sent."}</span></p>}
          </div>
          <span className={`bdg ${pushable ? "ok" : "warn"}`}>{pushable ? <Send /> : <TriangleAlert />} {pushable ? "Sent" : "Not sent"}</span>
          {warning && !pushable && <button type="button" className="btn sm" aria-label={`Send anyway: ${text}`} onClick={() => confirm.mutate({ id: rule.id }, say("Confirmed: it is sent"))}>Send anyway</button>}
          <Tool name={`Delete the rule: ${text}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: rule.id }, say("Rule deleted"))} />
        </li>
      ))}
    </ul>
  );
}

const EMPTY: RuleParts = { id: "", axis: "card", name: "", platform: "", base: "", everything: true, documents: [], faqs: [], labels: [], anyLabel: false, confirmed: false };
const AXES: [RuleParts["axis"], string][] = [["tier", "Tier"], ["department", "Department"], ["tag", "Tag"]];

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
  const save = () => isReady && put.mutate({ contact: contact ?? null, rule }, say("Rule added", () => setRule(empty)));
  const foreign = base && rule.platform.trim() !== "" && base.platform !== rule.platform.trim();
  if (permissions.data && bases.length === 0)
    return <p className="pad mut">No knowledge base is known yet. Add those of your platforms in Settings, Permissions.</p>;
  return (
    <form className="writer" onSubmit={(event) => { event.preventDefault(); save(); }}>
      <div className="row g8 wrap">
        {!contact && (
          <>
            <select className="fsel" style={{ width: 120 }} aria-label="For a" value={rule.axis} onChange={(event) => setRule({ ...rule, axis: event.target.value as RuleParts["axis"] })}>{AXES.map(([key, label]) => <option key={key} value={key}>{label}</option>)}</select>
            <span className="inp sp"><input aria-label="Its name" placeholder="VIP" value={rule.name} onChange={(event) => setRule({ ...rule, name: event.target.value })} /></span>
          </>
        )}
        <span className="inp sp"><input aria-label="On the platform" placeholder="On the platform" list="platforms" value={rule.platform} onChange={(event) => setRule({ ...rule, platform: event.target.value })} /></span>
        <datalist id="platforms">{platforms.map((one) => <option key={one} value={one} />)}</datalist>
        <select className="fsel" style={{ width: 200 }} aria-label="Knowledge base" value={rule.base} onChange={(event) => setRule({ ...rule, base: event.target.value, documents: [], faqs: [] })}>
          <option value="">Knowledge base</option>
          {bases.map((one) => <option key={one.id} value={one.id}>{one.name} ({one.platform})</option>)}
        </select>
      </div>
      {foreign && <p className="note warn t12" role="status"><TriangleAlert /><span>{base.name} belongs to {base.platform}, not to {rule.platform}. The rule will be kept, and not sent until you confirm it.</span></p>}
      {base && <Chosen base={base} rule={rule} onChange={setRule} />}
      <div className="row g8"><span className="sp" /><button type="submit" className="btn sm" disabled={!isReady}><Plus /> Add rule</button></div>
    </form>
  );
}

/** All of a base, or some documents and FAQs of it. */
function Chosen({ base, rule, onChange }: { base: BaseView; rule: RuleParts; onChange(rule: RuleParts): void }) {
  const toggle = (list: string[], id: string) => (list.includes(id) ? list.filter((one) => one !== id) : [...list, id]);
  return (
    <fieldset className="chosen">
      <legend className="visually-hidden">What of {base.name}</legend>
      <label className="row g6"><input type="checkbox" checked={rule.everything} onChange={(event) => onChange({ ...rule, everything: event.target.checked })} /> All of it</label>
      {!rule.everything && base.documents.map(([id, name]) => <label key={id} className="row g6"><input type="checkbox" checked={rule.documents.includes(id)} onChange={() => onChange({ ...rule, documents: toggle(rule.documents, id) })} /> {name}</label>)}
      {!rule.everything && base.faqs.map(([id, name]) => <label key={id} className="row g6"><input type="checkbox" checked={rule.faqs.includes(id)} onChange={() => onChange({ ...rule, faqs: toggle(rule.faqs, id) })} /> “{name}”</label>)}
    </fieldset>
  );
}
