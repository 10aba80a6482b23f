import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Eye, ListTodo, Plus, Trash2, X, Zap } from "lucide-react";
import { useDeferredValue, useId, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { ActionParts, AutomationParts, AutomationPreview, AutomationView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Avatar } from "../../components/avatar";
import { FilterBar } from "../../components/filter-bar";
import { useToast } from "../../components/toast";
import { Tool, type Undoing } from "../../components/tool";
import { contacts, n, stageLabel } from "../../text/words";
import { worded } from "../../text/worded";

export const TRIGGERS: [AutomationParts["trigger"], MessageDescriptor][] = [
  ["change", msg`a contact arrives or changes`], ["arrival", msg`a contact arrives`], ["conversation", msg`a conversation comes in`], ["daily", msg`a day begins`],
];
const ACTIONS: [ActionParts["kind"], MessageDescriptor][] = [["tag", msg`put the tag`], ["untag", msg`take off the tag`], ["stage", msg`set the stage to`], ["task", msg`make the task`], ["archive", msg`archive`]];
const GUARDS: [number, MessageDescriptor][] = [[0, msg`every time`], [1, msg`once a day`], [7, msg`once in 7 days`], [30, msg`once in 30 days`], [365, msg`once in a year`]];
const CEILINGS = [100, 1000, 5000, 50_000, 1_000_000];

interface Props {
  begin: AutomationParts;
  /** The rule as it is kept, if it is. */
  kept: AutomationView | undefined;
  undoing: Undoing;
  onContact(id: string): void;
  /** It is kept now, under this id. */
  onKept(id: string): void;
  onDone(text: string, operation: string | null): void;
  onGone(): void;
}

/** One rule: when, if, then, and what it would do now. */
export function Rule({ begin, kept, undoing, onContact, onKept, onDone, onGone }: Props) {
  const [rule, setRule] = useState(begin);
  const [filtering, setFiltering] = useState(false);
  const facets = useCommand("facets_get", {});
  const put = useAction("automation_put");
  const turnOn = useAction("automation_on");
  const turnOff = useAction("automation_off");
  const remove = useAction("part_remove");
  const toast = useToast();
  const settled = useDeferredValue(rule);
  const preview = useCommand("automation_preview", settled);
  const view = useCommand("view_open", { query: "", filter: settled.filter, sort: [], inBin: false, inTexts: false });
  const isSame = kept !== undefined && JSON.stringify(bare(kept)) === JSON.stringify(bare(rule));
  const failed = { onError: (error: unknown) => toast(sentence(error)) };
  const isBusy = put.isPending || turnOn.isPending || turnOff.isPending;
  const isReady = rule.name.trim() !== "" && rule.actions.length > 0 && !preview.error && !preview.isPlaceholderData;
  const amount = preview.data?.changing ?? 0;
  // As promises: what became of it is said also when another rule is looked at by then.
  const keep = () => (isSame ? Promise.resolve({ id: rule.id, operation: null }) : put.mutateAsync(rule));
  const save = () => void keep().then(({ id, operation }) => { onKept(id); onDone(t`Rule ${{ name: rule.name }} saved`, operation); }, failed.onError);
  const start = () => void keep().then(({ id }) => turnOn.mutateAsync({ id }).then(({ changed, operation }) => { onKept(id); onDone(plural(changed, { one: `${rule.name} is on: ${n(changed)} contact changed`, other: `${rule.name} is on: ${n(changed)} contacts changed` }), operation); })).catch(failed.onError);
  const act = (at: number, action: ActionParts | null) => setRule({ ...rule, actions: action === null ? rule.actions.filter((_, i) => i !== at) : rule.actions.map((one, i) => (i === at ? action : one)) });
  const isOn = kept?.state === "on" && isSame;
  return (
    <>
      <section className="card ed" aria-label={t`The rule`}>
        <header>
          <span className="inp sp"><input aria-label={t`Name of the rule`} placeholder={t`Name of the rule`} value={rule.name} onChange={(event) => setRule({ ...rule, name: event.target.value })} /></span>
          {!isSame && <span className="bdg acc"><Trans>Draft</Trans></span>}
          {kept && <Tool name={t`Delete ${{ name: kept.name }}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: kept.id }, { ...failed, onSuccess: ({ operation }) => { onGone(); toast(t`Rule ${{ name: kept.name }} deleted; what it did stays`, undoing(operation)); } })} />}
        </header>
        <p className="sen" role="status">{preview.data ? worded(preview.data.sentence) : preview.error ? sentence(preview.error) : ""}</p>
        <div className="wit">
          <span className="k"><Trans>When</Trans></span>
          <div className="ln">
            <select className="fsel" style={{ width: 240 }} aria-label={t`When`} value={rule.trigger} onChange={(event) => setRule({ ...rule, trigger: event.target.value as AutomationParts["trigger"] })}>{TRIGGERS.map(([key, label]) => <option key={key} value={key}>{i18n._(label)}</option>)}</select>
            <span className="t12 mut"><Trans>and once for everybody when it is turned on</Trans></span>
          </div>
          <span className="k"><Trans>If</Trans></span>
          <div className="ln"><FilterBar text={rule.filter} label={t`Condition`} onText={(filter) => setRule({ ...rule, filter })} facets={facets.data} view={view.data} failure={view.error ? sentence(view.error) : null} open={filtering} onOpen={setFiltering} query="" /></div>
          <span className="k"><Trans>Then</Trans></span>
          <div className="ln">
            {rule.actions.map((action, at) => <Action key={`${at}${action.kind}`} action={action} tags={(facets.data?.tags ?? []).map(({ value }) => value)} stages={(facets.data?.stages ?? []).map(({ value }) => value)} onChange={(next) => act(at, next)} alone={rule.actions.length === 1} />)}
            <button type="button" className="btn ic gh sm" aria-label={t`One more thing to do`} title={t`One more thing to do`} onClick={() => setRule({ ...rule, actions: [...rule.actions, { kind: "tag", tag: "" }] })}><Plus /></button>
          </div>
          <span className="k"><Trans>Guard</Trans></span>
          <div className="ln">
            <span className="t12 mut"><Trans>for each contact</Trans></span>
            <select className="fsel" style={{ width: 132 }} aria-label={t`How often for a contact`} value={rule.guardDays} onChange={(event) => setRule({ ...rule, guardDays: Number(event.target.value) })}>{GUARDS.map(([days, label]) => <option key={days} value={days}>{i18n._(label)}</option>)}</select>
            <span className="t12 mut"><Trans>stops and asks above</Trans></span>
            <select className="fsel" style={{ width: 136 }} aria-label={t`Stops and asks above`} value={rule.ceiling} onChange={(event) => setRule({ ...rule, ceiling: Number(event.target.value) })}>{CEILINGS.map((limit) => <option key={limit} value={limit}>{contacts(limit)}</option>)}</select>
          </div>
        </div>
        <footer className="row g8">
          {isOn
            ? <button type="button" className="btn" disabled={isBusy} onClick={() => turnOff.mutate({ id: rule.id }, { ...failed, onSuccess: ({ operation }) => onDone(t`${{ name: rule.name }} is off`, operation) })}><Trans>Turn off</Trans></button>
            : <button type="button" className="btn pri" disabled={!isReady || isBusy} onClick={start}><Zap /> {amount > 0 ? plural(amount, { one: `Turn on, change ${n(amount)} contact`, other: `Turn on, change ${n(amount)} contacts` }) : t`Turn on`}</button>}
          {!isSame && <button type="button" className="btn" disabled={!isReady || isBusy} onClick={save}><Trans>Save draft</Trans></button>}
          <span className="sp" /><span className="t12 mut"><Trans>One step in History</Trans></span>
        </footer>
      </section>
      <DryRun found={preview.data} failure={preview.error ? sentence(preview.error) : null} rule={settled} onContact={onContact} />
    </>
  );
}

/** What makes two rules the same: whether one is on is not part of it. */
const bare = ({ name, trigger, filter, actions, guardDays, ceiling }: AutomationParts) => ({ name, trigger, filter, actions, guardDays, ceiling });

interface ActionProps { action: ActionParts; tags: string[]; stages: string[]; alone: boolean; onChange(action: ActionParts | null): void }

function Action({ action, tags, stages, alone, onChange }: ActionProps) {
  const list = useId();
  const fresh: Record<ActionParts["kind"], ActionParts> = { tag: { kind: "tag", tag: "" }, untag: { kind: "untag", tag: "" }, stage: { kind: "stage", stage: "" }, task: { kind: "task", title: "", days: 2 }, archive: { kind: "archive", keep: 0 } };
  const word = (value: string, label: string, choices: string[], to: (text: string) => ActionParts) => (
    <span className="inp"><input aria-label={label} list={list} value={value} onChange={(event) => onChange(to(event.target.value))} /><datalist id={list}>{choices.map((one) => <option key={one} value={one} />)}</datalist></span>
  );
  const whole = (value: number, label: string, to: (value: number) => ActionParts) => (
    <span className="inp num"><input aria-label={label} inputMode="numeric" value={value} onChange={(event) => onChange(to(Math.min(4_000_000_000, Number(event.target.value.replace(/\D/g, "")))))} /></span>
  );
  return (
    <span className="act1">
      <select className="fsel" style={{ width: 150 }} aria-label={t`What is done`} value={action.kind} onChange={(event) => onChange(fresh[event.target.value as ActionParts["kind"]])}>{ACTIONS.map(([key, label]) => <option key={key} value={key}>{i18n._(label)}</option>)}</select>
      {(action.kind === "tag" || action.kind === "untag") && word(action.tag, t`Tag`, tags, (tag) => ({ ...action, tag }))}
      {action.kind === "stage" && word(action.stage, t`Stage`, stages, (stage) => ({ ...action, stage }))}
      {action.kind === "task" && <>{word(action.title, t`Task`, [], (title) => ({ ...action, title }))}<span className="t12 mut"><Trans>due in days</Trans></span>{whole(action.days, t`Days until it is due`, (days) => ({ ...action, days }))}</>}
      {action.kind === "archive" && <><span className="t12 mut"><Trans>but not those seen last:</Trans></span>{whole(action.keep, t`How many stay`, (keep) => ({ ...action, keep }))}</>}
      {!alone && <button type="button" className="btn ic gh sm" aria-label={t`Leave this out`} onClick={() => onChange(null)}><X /></button>}
    </span>
  );
}

/** `Lead to Customer` */
function moving(from: string, stage: string): string {
  const [before, after] = [stageLabel(from), stageLabel(stage)];
  return from ? t`${before} to ${after}` : t`No stage to ${after}`;
}

/** Counts that add up, and the first contacts; nothing is written. */
function DryRun({ found, failure, rule, onContact }: { found: AutomationPreview | undefined; failure: string | null; rule: AutomationParts; onContact(id: string): void }) {
  const stage = rule.actions.findLast((action) => action.kind === "stage");
  const moves = found && stage?.kind === "stage" ? found.stages.map(([from, amount]): [string, number] => [moving(from, stage.stage), amount]) : [];
  const lines: [string, number, string][] = found ? [
    [t`would change`, found.changing, "var(--s1)"], [t`left alone, set by hand`, found.byHand, "var(--s3)"], [t`left alone, done lately`, found.guarded, "var(--s4)"], [t`so already`, found.already, "var(--s2)"],
  ] : [];
  return (
    <section className="card dry" aria-labelledby="dry-title">
      <header><h2 id="dry-title"><Trans>Dry run</Trans></h2><span className="bdg inf"><Eye /> <Trans>Nothing written</Trans></span></header>
      {failure && <p className="pad bad">{failure}</p>}
      {found && !failure && (
        <>
          <div className="pad">
            <p className="row g8" style={{ alignItems: "baseline" }}><b className="t28 num">{n(found.changing)}</b><span className="mut">{plural(found.changing, { one: "contact would change", other: "contacts would change" })}</span></p>
            <div className="stack" aria-hidden>{lines.filter(([, amount]) => amount > 0).map(([label, amount, color]) => <i key={label} style={{ flex: amount, background: color }} />)}</div>
            <ul className="sum2">
              {lines.filter(([, amount], at) => at === 0 || amount > 0).map(([label, amount, color]) => <li key={label}><i style={{ background: color }} />{label}<b className="num">{n(amount)}</b></li>)}
              <li className="tot"><i /><Trans>match the rule</Trans><b className="num">{n(found.matching)}</b></li>
            </ul>
          </div>
          {(moves.length > 0 || found.tasks > 0) && (
            <ul className="ex">
              {moves.map(([label, amount]) => <li key={label}><span className="sp ell">{label}</span><b className="w5 num">{n(amount)}</b></li>)}
              {found.tasks > 0 && <li><ListTodo /><span className="sp"><Trans>Tasks made</Trans></span><b className="w5 num">{n(found.tasks)}</b></li>}
            </ul>
          )}
          {found.first.length > 0 && <ul className="ex">{found.first.map(([id, name]) => <li key={id}><button type="button" onClick={() => onContact(id)}><Avatar name={name} size="s24" /><bdi className="ell">{name}</bdi></button></li>)}</ul>}
        </>
      )}
      <footer className="mut"><Trans>No email and no message leaves</Trans></footer>
    </section>
  );
}
