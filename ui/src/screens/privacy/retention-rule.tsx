import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Eye, Trash2, TriangleAlert, Zap } from "lucide-react";
import { useMemo, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { RetentionParts, RetentionRuleView, RetentionRunView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Avatar } from "../../components/avatar";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { Tool } from "../../components/tool";
import { useSettled } from "../../components/use-settled";
import { n } from "../../text/words";
import { Choice, Field } from "./parts";
import { choices, KEPT, LEVELS } from "./words";

interface Props {
  begin: RetentionParts;
  /** As it is kept, if it is. */
  kept: RetentionRuleView | undefined;
  /** What was typed and not saved. */
  draft: RetentionParts | undefined;
  onDraft(draft: RetentionParts | null): void;
  onKept(id: string): void;
  onGone(): void;
  onContact(id: string): void;
}

const partsOf = ({ id, name, what, source, identity, days, ceiling }: RetentionParts): RetentionParts => ({ id, name, what, source, identity, days, ceiling });
const amountOf = (text: string) => Math.max(0, Math.floor(Number(text) || 0));

/** One rule: what goes when, what it would take now, and turning it on by the number that goes. */
export function RetentionRule({ begin, kept, draft, onDraft, onKept, onGone, onContact }: Props) {
  const rule = draft ?? partsOf(begin);
  const [asking, setAsking] = useState<"on" | "run" | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const facets = useCommand("facets_get", {});
  // What a rule takes does not depend on its name: nothing is looked for while that is typed.
  const wanted = JSON.stringify({ ...rule, name: "" });
  const settled = useSettled(wanted);
  const looked = useMemo((): RetentionParts => JSON.parse(settled), [settled]);
  const preview = useCommand("retention_preview", looked, looked.days > 0);
  const put = useAction("retention_put");
  const turnOff = useAction("retention_off");
  const remove = useAction("retention_delete");
  const toast = useToast();
  const isKept = (parts: RetentionParts) => kept !== undefined && JSON.stringify(partsOf(kept)) === JSON.stringify(parts);
  const change = (part: Partial<RetentionParts>) => onDraft(isKept({ ...rule, ...part }) ? null : { ...rule, ...part });
  const isSame = isKept(rule);
  const isReady = rule.name.trim() !== "" && rule.days > 0;
  const failed = { onError: (error: unknown) => toast(sentence(error)) };
  const { name } = rule;
  const save = () => {
    if (!isReady || isSame || put.isPending) return;
    setFailure(null);
    put.mutate(rule, { onSuccess: ({ id }) => { onKept(id); toast(t`Saved ${name}. It is off.`); }, onError: setFailure });
  };
  const isCurrent = preview.data !== undefined && !preview.isPlaceholderData && settled === wanted;
  const going = isCurrent ? (preview.data?.going ?? 0) : 0;
  const worked = ({ deleted, spared }: RetentionRunView) => {
    const stayed = n(spared);
    toast(plural(deleted, { one: `${n(deleted)} went, ${stayed} stayed`, other: `${n(deleted)} went, ${stayed} stayed` }));
  };
  return (
    <>
      <form className="card" aria-label={t`The rule`} onSubmit={(event) => { event.preventDefault(); save(); }}>
        <header><h3>{kept ? <bdi>{kept.name}</bdi> : t`New rule`}</h3><span className="sp" />
          {kept && <Tool name={t`Delete ${{ name: kept.name }}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: kept.id }, { ...failed, onSuccess: () => { onGone(); toast(t`Rule ${{ name: kept.name }} deleted; what it did stays`); } })} />}</header>
        <div className="pad col pvgap">
          <Field label={t`Name of the rule`} value={rule.name} onValue={(text) => change({ name: text })} />
          <div className="pvtwo">
            <Choice label={t`What goes`} value={rule.what} of={choices(KEPT)} onValue={(what) => change({ what })} />
            <label className="col pvfield"><span className="lab"><Trans>Days since last activity</Trans></span><span className="inp"><input type="number" min={1} aria-label={t`Days since last activity`} value={rule.days} onChange={(event) => change({ days: amountOf(event.target.value) })} /></span></label>
            {rule.what !== "exports" && (
              <>
                <label className="col pvfield"><span className="lab"><Trans>Only of this source</Trans></span><span className="inp"><input list="retention-sources" aria-label={t`Only of this source`} placeholder={t`every source`} value={rule.source} onChange={(event) => change({ source: event.target.value })} /></span><datalist id="retention-sources">{(facets.data?.sources ?? []).map(({ value }) => <option key={value} value={value} />)}</datalist></label>
                <Choice label={t`Only at this level of identity`} value={rule.identity} of={choices(LEVELS)} onValue={(identity) => change({ identity })} />
              </>
            )}
            <label className="col pvfield"><span className="lab"><Trans>Ask first above this number</Trans></span><span className="inp"><input type="number" min={0} aria-label={t`Ask first above this number`} value={rule.ceiling} onChange={(event) => change({ ceiling: amountOf(event.target.value) })} /></span></label>
          </div>
          {failure !== null && <Failure error={failure} />}
        </div>
        <footer>
          {!isSame && <button type="submit" className="btn pri" disabled={!isReady || put.isPending}><Trans>Save rule</Trans></button>}
          {isSame && kept?.state !== "on" && <button type="button" className="btn pri" disabled={!isCurrent} onClick={() => setAsking("on")}><Zap /> <Trans>Turn on</Trans></button>}
          {isSame && kept?.state === "on" && <button type="button" className="btn" disabled={turnOff.isPending} onClick={() => turnOff.mutate({ id: rule.id }, { ...failed, onSuccess: () => toast(t`${name} is off`) })}><Trans>Turn off</Trans></button>}
          {isSame && <button type="button" className="btn" disabled={!isCurrent || going === 0} onClick={() => setAsking("run")}><Trans>Run once</Trans></button>}
          <span className="sp" /><span className="t12 mut"><Trans>A rule that is changed is off</Trans></span>
        </footer>
      </form>
      <section className="card" aria-labelledby="would-title">
        <header><Eye /><h3 id="would-title"><Trans>What it would take now</Trans></h3><span className="bdg inf end"><Trans>Nothing written</Trans></span></header>
        {preview.error && <div className="pad"><Failure error={preview.error} /></div>}
        {preview.data && (
          <dl className="pvfacts pad">
            <div><dt><Trans>Time is over</Trans></dt><dd className="num">{n(preview.data.matched)}</dd></div>
            <div><dt><Trans>On hold: stay</Trans></dt><dd className="num">{n(preview.data.held)}</dd></div>
            <div><dt><Trans>Restricted: stay</Trans></dt><dd className="num">{n(preview.data.restricted)}</dd></div>
            <div><dt><Trans>An open request asks about them: stay</Trans></dt><dd className="num">{n(preview.data.askedAbout)}</dd></div>
            <div><dt><Trans>Would go</Trans></dt><dd className="num w6">{n(preview.data.going)}</dd></div>
          </dl>
        )}
        {preview.data?.inHistory && <p className="pad mut"><Trans>What the history still tells of removed conversations goes as well.</Trans></p>}
        {(preview.data?.first.length ?? 0) > 0 && <ul className="pvcards" aria-label={t`The first that would go`}>{preview.data?.first.map((card) => card && <li key={card.id}><button type="button" className="pvwho row sp" onClick={() => onContact(card.id)}><Avatar name={card.name} organization={card.kind === "organization"} size="s24" /><bdi className="ell">{card.name}</bdi></button></li>)}</ul>}
      </section>
      {asking && <Go id={rule.id} how={asking} going={going} onClose={() => setAsking(null)} onDone={(run) => { setAsking(null); worked(run); }} />}
    </>
  );
}

/** Whoever lets a rule work types how many go. When it is another number by then, the engine does nothing. */
function Go({ id, how, going, onClose, onDone }: { id: string; how: "on" | "run"; going: number; onClose(): void; onDone(run: RetentionRunView): void }) {
  const turnOn = useAction("retention_on");
  const run = useAction("retention_run");
  const [typed, setTyped] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const isPending = turnOn.isPending || run.isPending;
  const isTyped = typed.trim() === String(going);
  const start = () => {
    if (!isTyped || isPending) return;
    setFailure(null);
    (how === "on" ? turnOn : run).mutate({ id, expected: going }, { onSuccess: onDone, onError: setFailure });
  };
  const amount = String(going);
  return (
    <Dialog title={how === "on" ? t`Turn this rule on?` : t`Let this rule work once?`} width={460} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn dgrf" disabled={!isTyped || isPending}><Trash2 /> {isPending ? t`Deleting` : how === "on" ? t`Turn on` : t`Delete now`}</button></>}>
      <p className="note warn"><TriangleAlert /><span>{how === "on" ? t`What goes now, and every day from now on, is erased for good. It cannot be undone.` : t`What goes now is erased for good. It cannot be undone.`}</span></p>
      <label className="col"><span className="lab"><Trans>Type how many go: <b data-text>{amount}</b></Trans></span><span className="inp"><input aria-label={t`How many go`} inputMode="numeric" autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} /></span></label>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
