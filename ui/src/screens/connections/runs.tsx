import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, Eye, GitFork, Minus, RefreshCw, TriangleAlert, Undo2, X } from "lucide-react";
import { useAction, useCommand } from "../../api/cache";
import type { RemoteView, RunView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { bytes, capital, moment, n, reversed } from "../../text/words";
import { worded } from "../../text/worded";

const LOOKS: Record<string, [typeof Check, string]> = { done: [Check, "ok"], previewed: [Eye, "mut"], cancelled: [X, "mut"], asks: [TriangleAlert, "warn"], failed: [TriangleAlert, "bad"], running: [RefreshCw, "inf"] };

/** What each run did, and the way back. */
export function Runs({ remote }: { remote: RemoteView }) {
  const history = useCommand("remote_runs", { id: remote.id });
  const runs = history.data?.runs ?? [];
  return (
    <section className="card" aria-labelledby="runs-title">
      <header><h3 id="runs-title"><Trans>Runs</Trans></h3><span className="t12 mut ell"><Trans>each is one step you can undo; what it wrote there follows with the next run</Trans></span></header>
      {history.error ? <div className="pad"><Failure error={history.error} /></div> : runs.length === 0 ? <p className="pad mut">{history.data ? t`Nothing has run yet. A preview shows what a first run would do.` : t`Reading`}</p> : (
        <div className="conwide" tabIndex={0} role="region" aria-labelledby="runs-title"><table className="tbl conruns">
          <thead><tr><th><Trans>When</Trans></th><th className="r"><Trans>In</Trans></th><th className="r"><Trans>Out</Trans></th><th className="r"><Trans>Merged</Trans></th><th className="r"><Trans>Held</Trans></th><th className="r"><Trans>Deleted</Trans></th><th><Trans>Outcome</Trans></th><th><span className="visually-hidden"><Trans>Undo</Trans></span></th></tr></thead>
          <tbody>{runs.map((run) => <Run key={run.id} run={run} />)}</tbody>
        </table></div>
      )}
    </section>
  );
}

function Run({ run }: { run: RunView }) {
  const undo = useAction("history_undo");
  const redo = useAction("history_redo");
  const toast = useToast();
  const { counts, operation } = run;
  const held = counts.conflicts + counts.held;
  const reverse = (action: typeof undo, again: boolean) => operation && action.mutate({ id: operation }, {
    onSuccess: (report) => toast(reversed(report, again)),
    onError: (error) => toast(sentence(error)),
  });
  const [requests, came, went] = [n(counts.requests), bytes(counts.bytes_down), bytes(counts.bytes_up)];
  const figures: [string, number][] = [["in", counts.pulled], ["out", counts.pushed], ["merged", counts.merged], ["held", held], ["deleted", counts.deleted]];
  const isIdle = run.state === "done" && held === 0 && figures.every(([, amount]) => amount === 0);
  const [Icon, look] = run.undone ? [Undo2, "mut"] as const : isIdle ? [Minus, "mut"] as const : run.state === "done" && held > 0 ? [GitFork, "warn"] as const : (LOOKS[run.state] ?? [Minus, "mut"]);
  const outcome = run.undone ? t`Undone` : isIdle ? t`Nothing to do` : run.state === "done" && held > 0 ? plural(held, { one: `${n(held)} held for you`, other: `${n(held)} held for you` }) : run.state === "done" ? t`Done` : capital(worded(run.message));
  return (
    <tr title={t`${requests} requests, ${came} in, ${went} out`}>
      <td className="mut num"><bdi>{moment(new Date(run.at))}</bdi></td>
      {figures.map(([key, amount]) => <td key={key} className={`r ${amount === 0 ? "fnt" : ""}`}>{n(amount)}</td>)}
      <td><span className="row g6"><Icon className={look} /><bdi className={`ell ${look === "mut" ? "mut" : ""}`}>{outcome}</bdi></span></td>
      <td className="r">
        {operation && !run.undone && run.state !== "running" && <button type="button" className="btn sm" disabled={undo.isPending} onClick={() => reverse(undo, false)}><Undo2 className="flip" /> <Trans>Undo run</Trans></button>}
        {operation && run.undone && <button type="button" className="btn gh sm" disabled={redo.isPending} onClick={() => reverse(redo, true)}><Trans>Redo</Trans></button>}
      </td>
    </tr>
  );
}
