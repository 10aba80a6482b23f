import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Copy, Plus, Shield, SlidersHorizontal, Zap } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { AutomationParts, AutomationView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Popover } from "../../components/popover";
import { useToast } from "../../components/toast";
import { n } from "../../text/words";
import { Board } from "./board";
import { Rule, TRIGGERS } from "./rule";
import { named, worded } from "../../text/worded";
import "./lifecycle.css";

interface Props {
  onContact(id: string): void;
  /** Shows the contacts behind a figure. */
  onList(filter: string): void;
}

const NEW: AutomationParts = { id: "", name: "", trigger: "change", filter: "", actions: [{ kind: "tag", tag: "" }], guardDays: 0, ceiling: 5000 };
const STATES: Record<AutomationView["state"], [string, MessageDescriptor]> = { on: ["ok", msg({ message: "On", context: "rule" })], off: ["", msg({ message: "Off", context: "rule" })], stopped: ["warn", msg({ message: "Asks", context: "rule" })] };

/** Who stands where, and what the program does about it by itself. */
export function Lifecycle({ onContact, onList }: Props) {
  const automations = useCommand("automation_list", {});
  const undo = useAction("history_undo");
  const toast = useToast();
  /** One that is not kept yet. */
  const [draft, setDraft] = useState<AutomationParts | null>(null);
  /** The one that is looked at, among those that are kept. */
  const [chosen, setChosen] = useState<string | null>(null);
  const rules = automations.data?.rules ?? [];
  const undoing = (operation: string | null) => (operation ? () => undo.mutate({ id: operation }, { onError: (error) => toast(sentence(error)) }) : undefined);
  const partsOf = ({ state: _, sentence: __, ...rule }: AutomationView): AutomationParts => rule;
  const kept = rules.find(({ id }) => id === chosen) ?? (draft ? undefined : rules[0]);
  const shown = kept ? partsOf(kept) : draft;
  const begin = (rule: AutomationParts) => { setDraft(rule); setChosen(null); };
  const on = rules.filter(({ state }) => state === "on").length;
  return (
    <main className="main">
      <div className="head">
        <h1><Trans>Lifecycle and rules</Trans></h1><span className="mut num">{plural(rules.length, { one: `${n(rules.length)} rule, ${n(on)} on`, other: `${n(rules.length)} rules, ${n(on)} on` })}</span><span className="sp" />
        <Popover className="btn" title={t`Stages`} label={<><SlidersHorizontal /> <Trans>Stages</Trans></>}>{(close) => <Stages close={close} />}</Popover>
        <Popover className="btn" title={t`Templates`} label={<><Copy /> <Trans>Templates</Trans></>}>
          {(close) => (
            <div className="tpl">
              {(automations.data?.templates ?? []).map((one) => (
                <button key={one.name} type="button" disabled={rules.some(({ name }) => name === one.name || name === named(one.name))} onClick={() => { begin({ ...partsOf(one), name: named(one.name) }); close(); }}>
                  <b className="w5">{named(one.name)}</b><span className="t12 mut">{worded(one.sentence)}</span>
                </button>
              ))}
            </div>
          )}
        </Popover>
        <button type="button" className="btn" onClick={() => begin(NEW)}><Plus /> <Trans>New rule</Trans></button>
      </div>
      <div className="life">
        <Board undoing={undoing} onContact={onContact} onList={onList} />
        {automations.error && <p className="bad" role="alert">{sentence(automations.error)}</p>}
        {automations.data && !shown && (
          <div className="empty"><Zap /><p className="t14"><Trans>No rules yet.</Trans></p><p className="mut"><Trans>A rule tags, sets a stage, makes a task or archives by itself. What it would do is shown before it is turned on.</Trans></p></div>
        )}
        {shown && (
          <div className="low">
            <section className="card rls" aria-labelledby="rules-title">
              <header><h2 id="rules-title"><Trans>Rules</Trans></h2><span className="sp" /><span className="t12 mut"><Trans>in this order</Trans></span></header>
              <ul>
                {rules.map((one) => {
                  const [look, word] = STATES[one.state];
                  const trigger = TRIGGERS.find(([key]) => key === one.trigger)?.[1];
                  return (
                    <li key={one.id}>
                      <button type="button" className={`rl ${one.id === shown.id ? "on" : ""}`} aria-current={one.id === shown.id} onClick={() => setChosen(one.id)}>
                        <span className="sp" style={{ minWidth: 0 }}><b className="w5 ell">{one.name}</b><small className="ell">{trigger && i18n._(trigger)}</small></span>
                        <span className={`bdg ${look}`}>{i18n._(word)}</span>
                      </button>
                    </li>
                  );
                })}
                {shown.id === "" && <li><span className="rl" style={{ display: "flex", padding: 8 }}><b className="w5 sp ell">{shown.name || t`New rule`}</b><span className="bdg acc"><Trans>Draft</Trans></span></span></li>}
              </ul>
              <footer className="mut row g6"><Shield /> <Trans>No rule wakes another</Trans></footer>
            </section>
            <Rule key={kept ? JSON.stringify(kept) : shown.name} begin={shown} kept={kept} undoing={undoing} onContact={onContact}
              onKept={setChosen} onDone={(text, operation) => toast(text, undoing(operation))} onGone={() => { setDraft(null); setChosen(null); }} />
          </div>
        )}
      </div>
    </main>
  );
}

/** The stages in their order, one a line. Those that are in use and not named come after them. */
function Stages({ close }: { close(): void }) {
  const board = useCommand("board_get", {});
  const put = useAction("setting_set");
  const toast = useToast();
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? (board.data?.lanes ?? []).map(({ stage }) => stage).filter(Boolean).join("\n");
  const save = () => {
    const stages = [...new Set(text.split("\n").map((line) => line.trim()).filter(Boolean))];
    put.mutate({ key: "stages", value: stages }, { onSuccess: () => { close(); toast(t`Stages saved`); }, onError: (error) => toast(sentence(error)) });
  };
  return (
    <form className="stages" onSubmit={(event) => { event.preventDefault(); save(); }}>
      <label className="lab" htmlFor="stages"><Trans>One a line, in the order people go through them</Trans></label>
      <textarea id="stages" className="stagetext" rows={8} value={text} onChange={(event) => setTyped(event.target.value)} />
      <p className="t12 mut"><Trans>A stage that contacts have stays on the board also when it is not named here.</Trans></p>
      <button type="submit" className="btn pri" disabled={put.isPending}><Trans>Save</Trans></button>
    </form>
  );
}
