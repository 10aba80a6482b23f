import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { FileClock, Plus } from "lucide-react";
import { useState } from "react";
import { useCommand } from "../../api/cache";
import type { RetentionParts, RetentionRuleView, RetentionRunView } from "../../api/generated/commands";
import { Failure } from "../../components/failure";
import { Print } from "../../components/paper";
import { useListKeys } from "../../components/use-list-keys";
import { moment, n } from "../../text/words";
import type { Typed } from "./course";
import { Sheet } from "./parts";
import { RetentionRule } from "./retention-rule";

const STATES: Record<RetentionRuleView["state"], [string, MessageDescriptor]> = { on: ["ok", msg({ message: "On", context: "rule" })], off: ["", msg({ message: "Off", context: "rule" })], stopped: ["warn", msg({ message: "Asks", context: "rule" })] };

/** How long what is kept. A rule does nothing before its number was seen and typed. */
export function Retention({ typed, onContact }: { typed: Typed<RetentionParts>; onContact(id: string): void }) {
  const list = useCommand("retention_list", {});
  const { drafts, put } = typed;
  // A new rule that somebody began is in front again.
  const [chosen, setChosen] = useState<string | null>("" in drafts ? "" : null);
  const rules = list.data?.rules ?? [];
  const kept = chosen === "" ? undefined : (rules.find(({ id }) => id === chosen) ?? rules[0]);
  const fresh: RetentionParts = { id: "", name: "", what: "contacts", source: "", identity: "", days: 730, ceiling: list.data?.ceiling ?? 0 };
  const id = kept?.id ?? "";
  // What is saved is read again before what was typed goes: nothing old is shown in between.
  const onKept = (saved: string) => void list.refetch().then(() => { put(id, null); setChosen(saved); });
  const shown = kept ?? (chosen === "" ? fresh : null);
  const on = rules.filter(({ state }) => state === "on").length;
  const onKey = useListKeys("ret-", rules.map((one) => one.id), kept?.id, setChosen);
  return (
    <Sheet title={t`Retention`} about={list.data ? plural(rules.length, { one: `${n(rules.length)} rule, ${n(on)} on`, other: `${n(rules.length)} rules, ${n(on)} on` }) : ""}
      tools={<><Print /><button type="button" className="btn pri" onClick={() => setChosen("")}><Plus /> <Trans>New rule</Trans></button></>}>
      {list.error && <div className="page"><Failure error={list.error} /></div>}
      <div className="scroll pvpage pvleft">
        <div className="colm">
          <section className="card" aria-labelledby="rules-title">
            <header><h3 id="rules-title"><Trans>Rules</Trans></h3></header>
            {list.data && rules.length === 0 && <p className="pad mut"><Trans>Everything is kept until somebody deletes it.</Trans></p>}
            <ul className="pvlist" onKeyDown={onKey}>
              {rules.map((one) => {
                const [look, word] = STATES[one.state];
                const { days } = one;
                return (
                  <li key={one.id}>
                    <button type="button" id={`ret-${one.id}`} className={`pvitem ${one === kept ? "on" : ""}`} aria-current={one === kept || undefined} onClick={() => setChosen(one.id)}>
                      <span className="col sp"><b className="w5 ell"><bdi>{one.name}</bdi></b><span className="t12 mut num">{plural(days, { one: `after ${n(days)} day`, other: `after ${n(days)} days` })}</span></span>
                      {one.id in drafts && <span className="dotn s6 acc" role="img" aria-label={t`changed, not saved`} />}<span className={`bdg ${look}`}>{i18n._(word)}</span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </section>
        </div>
        <div className="colm">
          {shown && <RetentionRule key={kept ? JSON.stringify(kept) : "new"} begin={shown} kept={kept} draft={drafts[id]} onDraft={(draft) => put(id, draft)} onKept={onKept} onGone={() => { put(id, null); setChosen(null); }} onContact={onContact} />}
          {!shown && list.data && <div className="empty"><FileClock /><p className="t14"><Trans>No rule yet.</Trans></p><p className="mut"><Trans>A rule erases contacts, conversations or lines of the export log when their time is over. What it would take is shown first; cards on hold stay.</Trans></p></div>}
          <Runs runs={list.data?.runs ?? []} rules={rules} />
        </div>
      </div>
    </Sheet>
  );
}

/** When rules worked, and what they took. */
function Runs({ runs, rules }: { runs: RetentionRunView[]; rules: RetentionRuleView[] }) {
  if (runs.length === 0) return null;
  return (
    <section className="card" aria-labelledby="runs-title">
      <header><h3 id="runs-title"><Trans>When rules worked</Trans></h3></header>
      <table className="tbl pvruns">
        <thead><tr><th scope="col"><Trans>When</Trans></th><th scope="col"><Trans>Rule</Trans></th><th scope="col" className="r"><Trans>Time over</Trans></th><th scope="col" className="r"><Trans>Went</Trans></th><th scope="col" className="r"><Trans>Stayed</Trans></th></tr></thead>
        <tbody>{runs.map((one) => <tr key={one.id}><td className="num">{moment(new Date(one.at))}</td><td><bdi>{rules.find(({ id }) => id === one.rule)?.name ?? t`a rule that is gone`}</bdi>{one.stopped && <> <span className="bdg warn"><Trans>Stopped</Trans></span></>}</td><td className="r">{n(one.matched)}</td><td className="r w5">{n(one.deleted)}</td><td className="r mut">{n(one.spared)}</td></tr>)}</tbody>
      </table>
    </section>
  );
}
