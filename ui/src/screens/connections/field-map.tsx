import { i18n } from "@lingui/core";
import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, ChevronRight, CheckCheck, TriangleAlert } from "lucide-react";
import { useAction, useCommand } from "../../api/cache";
import type { FieldRule, PurposeView, RemoteView, TeamView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Mark } from "../../components/mark";
import { useToast } from "../../components/toast";
import { useSubmitKey } from "../../components/use-submit-key";
import { fieldLabel, n, wholeOf } from "../../text/words";
import { forgetCheck } from "./check";
import { changedRules, leaves, narrowed, wantsToLeave, wayOf } from "./flow";
import { fieldsOf, WayIcon, WAYS } from "./state";

interface Props {
  remote: RemoteView;
  /** All its rules, with what was changed and is not kept yet. */
  draft: FieldRule[];
  onRule(rule: FieldRule): void;
  onDiscard(): void;
  /** The changes are kept now. */
  onSaved(): void;
  onBack(): void;
}

/** Which way each field goes, whether a person approved that it leaves, and with whose consent. */
export function FieldMap({ remote, draft, onRule, onDiscard, onSaved, onBack }: Props) {
  const { id, name, team, everyMinutes, onChange, stamps } = remote;
  const set = useAction("remote_set");
  const purposes = useCommand("purpose_list", {});
  const toast = useToast();
  useSubmitKey();
  const changes = changedRules(draft, remote.fields);
  const [changed, unapproved] = [changes.length, draft.filter((rule) => wantsToLeave(rule) && !rule.approved)];
  const save = () => changed > 0 && !set.isPending && set.mutate({ id, fields: changes, everyMinutes, onChange, stamps }, {
    onSuccess: () => {
      // It compared with another map.
      forgetCheck(id);
      onSaved();
      toast(t`The field map of ${name} is saved. The next run looks at every record again.`);
    },
    onError: (error) => toast(sentence(error)),
  });
  const amounts = WAYS.map(([way, word]): [string, string, number] => [way, i18n._(word), draft.filter((rule) => wayOf(rule) === way).length]).filter(([, , amount]) => amount > 0);
  const [total, missing] = [fieldsOf(draft.length), n(unapproved.length)];
  return (
    <main className="main" aria-label={t`Field map`} onKeyDown={(event) => { if (event.key === "Escape" && !event.defaultPrevented) { event.preventDefault(); onBack(); } }}>
      <div className="head">
        <button type="button" className="linkb crumb" onClick={onBack}><Trans>Connections</Trans> <ChevronRight className="flip" /></button>
        <button type="button" className="linkb crumb" onClick={onBack}><Mark name={name} /> <bdi>{name}</bdi> <ChevronRight className="flip" /></button>
        <h1><Trans>Field map</Trans></h1>
        {changed > 0 && <span className="row g6 t12 mut num" role="status"><span className="dotn s6 acc" aria-hidden />{plural(changed, { one: `${n(changed)} change, not saved`, other: `${n(changed)} changes, not saved` })}</span>}
        <span className="sp" />
        <button type="button" className="btn" disabled={unapproved.length === 0} onClick={() => { for (const rule of unapproved) onRule({ ...rule, approved: true }); }}><CheckCheck /> <Trans>Approve all that wait</Trans></button>
      </div>
      <div className="scroll conbody">
        <p className="conflow small">{amounts.map(([way, word, amount], at) => <span key={way}>{at > 0 && ", "}<b className="num">{fieldsOf(amount)}</b> {word}</span>)}. <Trans>Notes, tasks, conversations, files, memories and secrets <b>stay here</b>, and every field that is not on this list.</Trans></p>
        <section className="card conmap" aria-label={t`Fields`}>
          <table className="tbl">
            <thead><tr><th><Trans>Field</Trans></th><th><Trans>Direction</Trans></th><th><Trans>Approved</Trans></th><th><Trans>Purpose</Trans></th><th><Trans>Remark</Trans></th></tr></thead>
            <tbody>{draft.map((rule) => <Row key={rule.field} rule={rule} whole={draft.find(({ field }) => field === wholeOf(rule.field))} team={team} isChanged={changes.includes(rule)} purposes={purposes.data?.purposes ?? []} onRule={onRule} />)}</tbody>
          </table>
          <footer className="t12 mut"><span className="sp">{unapproved.length > 0 ? t`${missing} not approved` : t`All that leave are approved`}</span><span className="num">{total}</span></footer>
        </section>
      </div>
      <div className="act">
        <button type="button" className="btn pri" disabled={changed === 0 || set.isPending} onClick={save}><Check /> {changed > 0 ? plural(changed, { one: `Save map, ${n(changed)} change`, other: `Save map, ${n(changed)} changes` }) : t`Save map`} <span className="kbd">Ctrl</span><span className="kbd">Enter</span></button>
        <button type="button" className="btn gh" disabled={changed === 0} onClick={onDiscard}><Trans>Discard</Trans></button>
        <span className="sp" /><span className="t12 mut ell"><Trans>Saving sends nothing. The next run does, and a preview shows it first.</Trans></span>
      </div>
    </main>
  );
}

function Row({ rule, whole, team, isChanged, purposes, onRule }: { rule: FieldRule; whole: FieldRule | undefined; team: TeamView | null; isChanged: boolean; purposes: PurposeView[]; onRule(rule: FieldRule): void }) {
  const [way, label, sends] = [wayOf(rule), fieldLabel(rule.field), wantsToLeave(rule)];
  const key = rule.purpose.trim();
  const known = purposes.find((one) => one.key === key);
  const remark = remarkOf(rule, whole, team, (key) => purposes.find((one) => one.key === key)?.name ?? key);
  const waits = sends && !rule.approved;
  return (
    <tr className={way === "off" ? "off" : ""}>
      <td><span className="row g6"><b className="w5 ell">{label}</b>{isChanged && <span className="dotn s6 acc" role="img" aria-label={t`changed, not saved`} />}</span></td>
      <td><span className="row g6"><WayIcon way={way} /><select className="fsel" aria-label={t`Direction of ${label}`} value={way} onChange={(event) => onRule({ ...rule, direction: event.target.value })}>{WAYS.map(([key, word]) => <option key={key} value={key}>{i18n._(word)}</option>)}</select></span></td>
      <td className="conapproved"><input type="checkbox" aria-label={t`${label} may leave`} disabled={!sends} checked={sends && rule.approved} onChange={(event) => onRule({ ...rule, approved: event.target.checked })} /></td>
      <td>{sends ? <select className="fsel" aria-label={t`Purpose that ${label} needs the consent to`} value={key} onChange={(event) => onRule({ ...rule, purpose: event.target.value })}><option value="">{t`no consent needed`}</option>{key !== "" && !known && <option value={key}>{key}</option>}{purposes.filter((one) => !one.retired || one === known).map((one) => <option key={one.id} value={one.key}>{one.name}</option>)}</select> : <span className="fnt"><Trans>not needed</Trans></span>}</td>
      <td className={waits ? "warn" : "mut"}><span className="row g6">{waits && <TriangleAlert />}<span className="ell" title={remark}>{remark}</span></span></td>
    </tr>
  );
}

/** What becomes of a field: what its rule says, unless the team holds it back. Which of several is the first leaves where they do. */
function remarkOf(rule: FieldRule, whole: FieldRule | undefined, team: TeamView | null, nameOf: (purpose: string) => string): string {
  if (wayOf(rule) === "off") return t`nothing of it comes or leaves`;
  if (!wantsToLeave(rule)) return t`never leaves`;
  if (!rule.approved) return t`waits for your approval`;
  if (whole && !leaves(whole)) return t`never leaves, because ${{ field: fieldLabel(whole.field) }} does not`;
  const [less, place] = [narrowed(rule, team), team?.name ?? ""];
  if (less && !less.leaves) return less.purpose ? t`leaves for nobody, because ${place} needs another consent` : t`leaves for nobody, because it does not go to ${place}`;
  const purpose = nameOf(less?.purpose ?? rule.purpose.trim());
  if (less) return t`leaves with the consent to ${purpose} only, because ${place} needs it`;
  return purpose ? t`leaves with the consent to ${purpose} only` : t`leaves for everybody`;
}
