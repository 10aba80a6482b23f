import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ChartColumn, Table2 } from "lucide-react";
import { useId, useState } from "react";
import { useCommand } from "../../api/cache";
import type { FigureView, InsightsView, MonthView, SegmentView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { contacts, month, n, share, short, stageLabel } from "../../text/words";
import "./insights.css";

interface Props {
  segments: SegmentView[];
  /** Shows the contacts behind a figure. */
  onList(filter: string): void;
  onInbox(): void;
}

/** What the workspace looks like as a whole; every figure opens the contacts behind it. */
export function Insights({ segments, onList, onInbox }: Props) {
  const [segment, setSegment] = useState("");
  const [asTable, setAsTable] = useState(false);
  const within = segments.find(({ id }) => id === segment);
  const picture = useCommand("insight_get", { filter: within?.filter ?? "" });
  const data = picture.data;
  return (
    <main className="main">
      <div className="head">
        <h1><Trans>Insights</Trans></h1><span className="mut"><Trans>counted on this computer</Trans></span><span className="sp" />
        <select className="fsel" style={{ width: 180 }} aria-label={t`Of whom`} value={segment} onChange={(event) => setSegment(event.target.value)}>
          <option value=""><Trans>All contacts</Trans></option>
          {segments.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
        </select>
        <button type="button" className="btn" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>{asTable ? <ChartColumn /> : <Table2 />} {asTable ? t`As charts` : t`As table`}</button>
      </div>
      {picture.error && <p className="pad8 bad" role="alert">{sentence(picture.error)}</p>}
      {!data && !picture.error && <div className="empty" aria-busy="true"><p className="mut"><Trans>Counting</Trans></p></div>}
      {data && data.total.count === 0 && <div className="empty"><ChartColumn /><p className="t14"><Trans>Nobody to count yet.</Trans></p><p className="mut"><Trans>Import a file, or add a contact.</Trans></p></div>}
      {data && data.total.count > 0 && (asTable ? <Tables data={data} onList={onList} /> : <Charts data={data} onList={onList} onInbox={onInbox} />)}
    </main>
  );
}

const without = (amount: number) => plural(amount, { one: `${n(amount)} without`, other: `${n(amount)} without` });
const unreachable = (amount: number) => plural(amount, { one: `${n(amount)} unreachable`, other: `${n(amount)} unreachable` });
const toReview = (amount: number) => plural(amount, { one: `${n(amount)} to review`, other: `${n(amount)} to review` });
/** The words for each key: what is in order, how many lack it, and both as a line of a table. */
const QUALITY: Record<string, [MessageDescriptor, (amount: number) => string, MessageDescriptor]> = {
  email: [msg`Has an email`, without, msg`No email`], phone: [msg`Has a phone`, without, msg`No phone`], name: [msg`Has a name`, without, msg`No name`],
  company: [msg`Has a company`, without, msg`No company`], reachable: [msg`Can be reached`, unreachable, msg`Cannot be reached`], recent: [msg`Seen in 2 years`, toReview, msg`Not seen in 2 years`],
};

function Charts({ data, onList, onInbox }: { data: InsightsView } & Omit<Props, "segments">) {
  const total = data.total.count;
  const latest = data.growth.at(-1);
  const ofAll = ({ count }: FigureView) => t`${{ part: share(count, total) }} of all`;
  const facts: [string, FigureView, string][] = [
    [t`Contacts`, data.total, latest ? t`+${{ amount: n(latest.new.count) }} in ${{ when: month(latest.month) }}` : ""],
    [t`Active, 30 days`, data.active, ofAll(data.active)],
    [t`With conversations`, data.talked, ofAll(data.talked)],
    [t`Verified`, data.verified, ofAll(data.verified)],
  ];
  return (
    <div className="scroll">
      <div className="kp">
        {facts.map(([label, figure, note]) => (
          <button key={label} type="button" className="kpi" onClick={() => onList(figure.filter)}><span className="t12 mut">{label}</span><b className="t20 num">{n(figure.count)}</b><span className="t12 mut">{note}</span></button>
        ))}
        <button type="button" className="kpi" onClick={onInbox}><span className="t12 mut"><Trans>Duplicates</Trans></span><b className="t20 num">{data.duplicates === null ? "?" : n(data.duplicates)}</b><span className="t12 mut">{data.duplicates === null ? t`nobody looked yet` : plural(data.duplicates, { one: "pair to decide", other: "pairs to decide" })}</span></button>
      </div>
      <div className="ig">
        <section className="card a" aria-labelledby="growth-title"><header><h2 id="growth-title"><Trans>Growth</Trans></h2><span className="mut"><Trans>contacts of today by the month they were first seen</Trans></span></header><Growth months={data.growth} onList={onList} /></section>
        <section className="card b" aria-labelledby="sources-title"><header><h2 id="sources-title"><Trans>Sources</Trans></h2><span className="mut"><Trans>where each card first came from</Trans></span></header><Bars figures={data.sources} total={total} onList={onList} /></section>
        <section className="card a2" aria-labelledby="stages-title"><header><h2 id="stages-title"><Trans>Lifecycle</Trans></h2><span className="mut"><Trans>who stands where</Trans></span></header>
          {data.stages.length === 0 ? <p className="pad mut"><Trans>No contact has a stage.</Trans></p> : <Bars figures={data.stages.map((figure) => ({ ...figure, what: stageLabel(figure.what) }))} total={total} onList={onList} />}</section>
        <section className="card b2" aria-labelledby="quality-title"><header><h2 id="quality-title"><Trans>Data quality</Trans></h2><span className="mut"><Trans>share that is in order</Trans></span></header>
          <ul className="bl q">
            {data.quality.map((figure) => {
              const [good, lack] = QUALITY[figure.what] ?? [null, without];
              const rest = total - figure.count;
              return (
                <li key={figure.what}><span className="row g8"><span className="ell">{good ? i18n._(good) : figure.what}</span><span className="sp" /><button type="button" className="linkb" disabled={figure.count === 0} onClick={() => onList(figure.filter)}>{lack(figure.count)}</button></span>
                  <b className="num w5 r">{share(rest, total)}</b><span className={`bt ${rest / total < 0.7 ? "low" : rest / total < 0.9 ? "mid" : "good"}`}><i style={{ width: `${(100 * rest) / total}%` }} /></span></li>
              );
            })}
          </ul>
        </section>
      </div>
    </div>
  );
}

function Bars({ figures, total, onList }: { figures: FigureView[]; total: number; onList(filter: string): void }) {
  const most = Math.max(1, ...figures.map((figure) => figure.count));
  return (
    <ul className="bl s">
      {figures.map((figure, at) => (
        <li key={figure.what}>
          <button type="button" onClick={() => onList(figure.filter)}>
            <span className="ell">{figure.what || t`Unknown`}</span><span className="bt"><i style={{ width: `${(100 * figure.count) / most}%`, "--series": `var(--s${(at % 6) + 1})` } as React.CSSProperties} /></span>
            <span className="num w5 r">{n(figure.count)}</span><span className="num mut r">{share(figure.count, total)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 240, 52, 24, 16];

/** Contacts at the end of each month as an area; each month is a button. */
function Growth({ months, onList }: { months: MonthView[]; onList(filter: string): void }) {
  const [at, setAt] = useState<number | null>(null);
  const fill = useId();
  const most = niceAbove(Math.max(1, ...months.map((one) => one.atEnd)));
  const x = (place: number) => LEFT + ((WIDTH - LEFT - 24) * place) / Math.max(1, months.length - 1);
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
  const line = months.map((one, place) => `${x(place)},${y(one.atEnd)}`).join(" ");
  const shown = at === null ? undefined : months[at];
  const [all, fresh] = [n(shown?.atEnd ?? 0), n(shown?.new.count ?? 0)];
  return (
    <div className="growth">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="ch" aria-hidden="true">
        <defs><linearGradient id={fill} x1="0" y1="0" x2="0" y2="1"><stop offset="0" stopColor="var(--accent)" stopOpacity="0.18" /><stop offset="1" stopColor="var(--accent)" stopOpacity="0" /></linearGradient></defs>
        {[0, 1, 2, 3, 4].map((step) => <g key={step}><line x1={LEFT} x2={WIDTH - 8} y1={y((most * step) / 4)} y2={y((most * step) / 4)} className="gl" /><text x={LEFT - 8} y={y((most * step) / 4) + 4} textAnchor="end">{short((most * step) / 4)}</text></g>)}
        <polygon points={`${x(0)},${y(0)} ${line} ${x(months.length - 1)},${y(0)}`} fill={`url(#${fill})`} />
        <polyline points={line} className="gline" />
        {months.map((one, place) => <text key={one.month} x={x(place)} y={HEIGHT - 4} textAnchor="middle">{month(one.month, true)}</text>)}
        {shown && at !== null && <><line x1={x(at)} x2={x(at)} y1={TOP} y2={y(0)} className="gdash" /><circle cx={x(at)} cy={y(shown.atEnd)} r="4" className="gdot" /></>}
      </svg>
      <div className="gbuttons">
        {months.map((one, place) => (
          <button key={one.month} type="button" style={{ insetInlineStart: `${(100 * (x(place) - 20)) / WIDTH}%`, width: `${4000 / WIDTH}%` }} aria-label={monthSaid(one)}
            onMouseEnter={() => setAt(place)} onMouseLeave={() => setAt(null)} onFocus={() => setAt(place)} onBlur={() => setAt(null)} onClick={() => onList(one.new.filter)} />
        ))}
      </div>
      {shown && at !== null && (
        <div className="gtip" style={{ insetInlineStart: `${(100 * x(at)) / WIDTH}%` }} data-side={at > months.length / 2 ? "end" : "start"}>
          <b>{month(shown.month)}</b><span><Trans>Contacts <b className="num">{all}</b></Trans></span><span><Trans>New <b className="num">{fresh}</b></Trans></span>
        </div>
      )}
    </div>
  );
}

/** `November 2026: 500 contacts, 12 new` */
function monthSaid({ month: of, atEnd, new: { count } }: MonthView): string {
  const [when, fresh] = [month(of), n(count)];
  return plural(atEnd, { one: `${when}: ${n(atEnd)} contact, ${fresh} new`, other: `${when}: ${n(atEnd)} contacts, ${fresh} new` });
}

/** 1, 2, 2.5 or 5 times a power of ten, not below the value. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** The same figures as tables. */
function Tables({ data, onList }: { data: InsightsView; onList(filter: string): void }) {
  const total = data.total.count;
  const rows = (title: string, figures: FigureView[], label: (what: string) => string) => (
    <section className="card" key={title} aria-label={title}>
      <header><h2>{title}</h2></header>
      <table className="tbl"><thead><tr><th>{title}</th><th className="r"><Trans>Contacts</Trans></th><th className="r"><Trans>Share</Trans></th></tr></thead><tbody>
        {figures.map((figure) => <tr key={figure.what}><td><button type="button" className="linkb" onClick={() => onList(figure.filter)}>{label(figure.what)}</button></td><td className="r num">{n(figure.count)}</td><td className="r num mut">{share(figure.count, total)}</td></tr>)}
        {figures.length === 0 && <tr><td className="mut" colSpan={3}><Trans>None</Trans></td></tr>}
      </tbody></table>
    </section>
  );
  return (
    <div className="scroll itables">
      <section className="card" aria-label={t`Growth`}>
        <header><h2><Trans>Growth</Trans></h2><span className="mut">{contacts(total)}</span></header>
        <table className="tbl"><thead><tr><th><Trans>Month</Trans></th><th className="r"><Trans>New</Trans></th><th className="r"><Trans>At its end</Trans></th></tr></thead><tbody>
          {data.growth.map((one) => <tr key={one.month}><td><button type="button" className="linkb" onClick={() => onList(one.new.filter)}>{month(one.month)}</button></td><td className="r num">{n(one.new.count)}</td><td className="r num">{n(one.atEnd)}</td></tr>)}
        </tbody></table>
      </section>
      {rows(t`Sources`, data.sources, (what) => what || t`Unknown`)}
      {rows(t`Lifecycle`, data.stages, stageLabel)}
      {rows(t`Missing`, data.quality, (what) => (QUALITY[what] ? i18n._(QUALITY[what][2]) : what))}
      {rows(t`Activity`, [data.active, data.talked, data.verified], (what) => ({ active: t`Active, 30 days`, talked: t`With conversations`, verified: t`Verified` })[what] ?? what)}
    </div>
  );
}
