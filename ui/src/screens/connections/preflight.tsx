import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, Eye, Minus, Search, TriangleAlert, X, Zap } from "lucide-react";
import type { CheckView, CollisionView, RemoteView } from "../../api/generated/commands";
import { isCommandError } from "../../api/host";
import { Failure } from "../../components/failure";
import { differing } from "../../text/differing";
import { capital, n, share, time } from "../../text/words";
import { fieldsWorded, worded } from "../../text/worded";
import type { useCheck } from "./check";
import { Would } from "./would";

interface Props {
  remote: RemoteView;
  check: ReturnType<typeof useCheck>;
  /** Something else is under way. */
  busy: boolean;
  onCheck(): void;
}

/** Who the records are of, counted by reading only. */
export function Preflight({ remote, check, busy, onCheck }: Props) {
  const found = check.data;
  const isStopped = isCommandError(check.error) && check.error.code === "cancelled";
  return (
    <section className="card concard" aria-labelledby="preflight-title" aria-busy={check.isFetching}>
      <header><h3 id="preflight-title"><Trans>Pre-flight match</Trans></h3><span className="t12 mut ell">{found ? t`looked at ${{ time: time(new Date(check.dataUpdatedAt).toISOString()) }}` : t`before the first write`}</span><span className="sp" />
        {found && <button type="button" className="btn gh sm" disabled={busy} onClick={onCheck}><Search /> <Trans>Look again</Trans></button>}</header>
      <div className="pad col g12">
        {check.error && !check.isFetching && !isStopped && <Failure error={check.error} />}
        {found ? <Matches found={found} name={remote.name} /> : (
          <>
            <p className="mut"><Trans>Each record there is compared with your contacts: by its id, by its external ID, by its email. Phones and names never decide.</Trans></p>
            <button type="button" className="btn confit" disabled={busy} onClick={onCheck}><Search /> {check.isFetching ? t`Looking` : t`Look now`}</button>
          </>
        )}
      </div>
      <footer className="t12 mut"><Eye /> {found?.isSample ? t`Counted by reading only; there are more records than were read` : t`Counted by reading only`}</footer>
    </section>
  );
}

function Matches({ found, name }: { found: CheckView; name: string }) {
  const collisions = found.collisions.length;
  const bars: [string, number, string][] = [
    [t`By id or external ID`, found.byId, "--s1"], [t`By email`, found.byEmail, "--s2"], [t`Nobody you have`, found.unknown, "--s3"], [t`A second record`, collisions, "--s5"], [t`Cannot be read`, found.unreadable, "--s4"],
  ];
  const shown = bars.filter(([, amount], at) => at < 3 || amount > 0);
  const sum = bars.reduce((total, [, amount]) => total + amount, 0);
  if (found.read === 0) return <p className="mut"><Trans>There are no records at {name} yet.</Trans></p>;
  return (
    <>
      <div className="row base g12"><span className="t28 num nw">{share(found.byId + found.byEmail, found.read)}</span><span className="mut">{plural(found.read, { one: `of ${n(found.read)} record is of a person you already have`, other: `of ${n(found.read)} records are of people you already have` })}</span></div>
      <ul className="conbars">
        {shown.map(([label, amount, color]) => (
          <li key={label}><span className="ell">{label}</span><span className="conbar" aria-hidden><i style={{ width: `${(100 * amount) / found.read}%`, background: `var(${color})` }} /></span><span className="num w5">{n(amount)}</span><span className="num mut t12">{share(amount, found.read)}</span></li>
        ))}
        <li className="sum"><span className="ell"><Trans>Records read</Trans></span><span className="ok row g4 t12">{sum === found.read && <><Check /> <Trans>Adds up</Trans></>}</span><span className="num w6">{n(found.read)}</span><span /></li>
      </ul>
    </>
  );
}

/** What nearly matched, and was not taken for a match: byte for byte, as both sides have it. */
export function NearMisses({ near, shown }: { near: number; shown: CheckView["nearMisses"] }) {
  const more = n(near - shown.length);
  return (
    <section className="card" aria-labelledby="near-title">
      <header><TriangleAlert className="warn" /><h3 id="near-title"><Trans>Nearly the same external ID</Trans></h3><span className="t12 mut ell">{plural(near, { one: `${n(near)} record, not taken for a match`, other: `${n(near)} records, not taken for a match` })}</span></header>
      <div className="conlong" tabIndex={0} role="region" aria-labelledby="near-title">
        <table className="tbl">
          <thead><tr><th><Trans>There</Trans></th><th><Trans>Here</Trans></th><th><Trans>Contact</Trans></th><th><Trans>How they differ</Trans></th></tr></thead>
          <tbody>
            {shown.map((one) => (
              <tr key={`${one.theirs} ${one.ours}`}>
                <td className="mono" data-text><Differing text={one.theirs} other={one.ours} /></td><td className="mono" data-text><Differing text={one.ours} other={one.theirs} /></td>
                <td><bdi>{one.contact}</bdi></td><td className="mut">{capital(worded(one.difference))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {near > shown.length && <footer className="t12 mut"><Trans>and {more} more</Trans></footer>}
    </section>
  );
}

/** Blanks are seen too. */
function Differing({ text, other }: { text: string; other: string }) {
  const [before, differs, after] = differing(text, other);
  return <span className="conexact ltr">{before}{differs && <mark>{differs}</mark>}{after}</span>;
}

/** Records that mean a contact that another record means too. */
export function Collisions({ collisions }: { collisions: CollisionView[] }) {
  return (
    <section className="card" aria-labelledby="twice-title">
      <header><TriangleAlert className="warn" /><h3 id="twice-title"><Trans>Two records of one contact</Trans></h3><span className="t12 mut ell"><Trans>merge them there first; the second one is left alone</Trans></span></header>
      <ul className="conlong conlist" tabIndex={0} aria-labelledby="twice-title">
        {collisions.map((one) => <li key={`${one.contact} ${one.theirs}`}><bdi className="ell sp">{one.contact}</bdi><span className="mono mut ell" data-text>{one.theirs}</span></li>)}
      </ul>
    </section>
  );
}

/** What each purpose needs: said before it was looked at. */
const REVIEW: [string, MessageDescriptor, MessageDescriptor][] = [
  ["personalization", msg`Personalization`, msg`Name and email have to come.`],
  ["actions", msg`Actions`, msg`Only what you approved may leave.`],
  ["segmentation", msg`Segmentation`, msg`Saved views have to find the fields they use.`],
  ["synchronization", msg`Synchronization`, msg`External IDs have to be the same on both sides.`],
];

interface ReviewProps extends Omit<Props, "onCheck"> {
  onEnable(): void;
}

/** Four conditions with what was found, and where the connection is turned on. */
export function Review({ remote, check, busy, onEnable }: ReviewProps) {
  const found = check.data;
  const isOff = remote.state === "off";
  const met = n(found?.review.filter((row) => row.met).length ?? 0);
  const total = n(REVIEW.length);
  return (
    <section className="card concard" aria-labelledby="review-title">
      <header><h3 id="review-title"><Trans>Review before it may write</Trans></h3><span className="sp" />{found && <span className={`t12 num ${found.passed ? "ok" : "warn"}`}>{t`${met} of ${total}`}</span>}</header>
      <ul className="conreview">
        {REVIEW.map(([about, title, condition]) => {
          const row = found?.review.find((one) => one.about === about);
          return (
            <li key={about}>
              {row ? row.met ? <Check className="ok" role="img" aria-label={t`met`} /> : <X className="bad" role="img" aria-label={t`not met`} /> : <Minus className="mut" role="img" aria-label={t`not looked at yet`} />}
              <div className="sp"><b className="w5">{i18n._(title)}</b><p className="t12 mut">{row ? <bdi>{capital(fieldsWorded(row.evidence))}</bdi> : i18n._(condition)}</p></div>
            </li>
          );
        })}
      </ul>
      {found && isOff && <details className="confirst"><summary><Trans>What a first run would do</Trans></summary><Would would={found.would} name={remote.name} />
        {found.questions.length > 0 && <ul className="conasked">{found.questions.map((question, at) => <li key={at} className="row g8"><TriangleAlert className="warn" /> <span>{capital(fieldsWorded(question))}</span></li>)}</ul>}</details>}
      <footer>
        {!isOff ? <span className="t12 ok row g4"><Check /> <Trans>It is on: runs may write</Trans></span> : (
          <>
            {found && <button type="button" className={`btn ${found.passed ? "pri" : ""}`} disabled={busy} onClick={onEnable}><Zap /> {found.passed ? t`Turn on` : t`Turn on anyway`}</button>}
            <span className="t12 mut">{!found ? t`Look at the match first; then it can be turned on.` : found.passed ? t`No run writes before that.` : t`It needs a written reason.`}</span>
          </>
        )}
      </footer>
    </section>
  );
}
