import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { CircleCheck, TriangleAlert } from "lucide-react";
import type { DsarCheck } from "../../api/generated/commands";
import { capital, n, told } from "../../text/words";
import { worded } from "../../text/worded";

/** Whether an answer is what was written, file by file. */
export function CheckResult({ found }: { found: DsarCheck }) {
  const [request, created] = [found.request ?? "", found.created ? told(found.created) : ""];
  return (
    <div className="pad" role="status">
      <div className={`note ${found.holds ? "ok" : "bad"}`}>{found.holds ? <CircleCheck /> : <TriangleAlert />}
        <span className="sp">
          <b className="w5">{found.holds ? plural(found.files, { one: `${n(found.files)} file, as it was written`, other: `All ${n(found.files)} files are as they were written` }) : t`This is not what was written`}</b>
          {found.faults.length > 0 && <ul>{found.faults.map((fault, at) => <li key={at}><bdi>{capital(worded(fault))}</bdi></li>)}</ul>}
          <br /><span className="t12 mut">{request && <Trans>Answer to <bdi className="mono">{request}</bdi>, as of {created}.</Trans>} {found.isExpectedKey ? t`The key is the one that was expected.` : t`Checked with the key that lies in the file: compare its fingerprint with the letter.`}</span>
          {found.fingerprint && <><br /><span className="t12 mono pvhash" data-text>{found.fingerprint}</span></>}
        </span></div>
    </div>
  );
}
