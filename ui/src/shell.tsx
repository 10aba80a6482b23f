import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Archive, ChartColumn, ChevronsUpDown, Contact, Download, History as HistoryIcon, Inbox as InboxIcon, Lock, LockOpen, Plug, Plus, Search, Shield, SlidersHorizontal, Trash2, TriangleAlert, Upload, UserRound, Workflow } from "lucide-react";
import type { SegmentView, SessionView } from "./api/generated/commands";
import { useCommand, type useProgress } from "./api/cache";
import type { Place } from "./app";
import type { CommandId } from "./commands";
import { hue } from "./components/avatar";
import { Kbd } from "./components/kbd";
import { Mark } from "./components/mark";
import { Workspaces } from "./components/workspaces";
import { ARCHIVE, VISITORS } from "./places";
import { contacts, n } from "./text/words";
import { worded } from "./text/worded";

interface SidebarProps {
  place: Place;
  /** The filter the list was opened with, if it was. */
  filter: string | undefined;
  session: SessionView;
  onPlace(place: Place): void;
  onCommand(id: CommandId): void;
  /** Shows the list with a filter. */
  onList(filter: string): void;
  /** The saved view that is shown, if one is. */
  segment: string | undefined;
  segments: SegmentView[];
  onSegment(id: string): void;
}

/** Connections in these states wait for a person. */
const STUCK: Record<string, (name: string) => string> = { asks: (name) => t`${name} asks you`, sign_in: (name) => t`${name}: sign in again`, failed: (name) => t`${name} did not get through` };

export function Sidebar({ place, filter, session, onPlace, onCommand, onList, segment, segments, onSegment }: SidebarProps) {
  const waiting = useCommand("inbox_list", {});
  const duplicates = useCommand("duplicate_list", {});
  const connections = useCommand("remote_list", {});
  const stuck = connections.data?.remotes.filter(({ state }) => state in STUCK).length ?? 0;
  const requests = useCommand("request_list", {});
  const proposals = useCommand("proposal_list", {});
  const leads = useCommand("lead_list", {});
  const { green = 0, amber = 0, red: late = 0 } = requests.data ?? {};
  const open = green + amber + late;
  // Agents stand below the connections.
  const isAt = (to: Place) => (place === to || (to === "connections" && place === "agents")) && !filter && !segment;
  const entry = (to: Place, label: string, Icon: typeof Contact, count?: number, warning?: string) => (
    <button type="button" className={isAt(to) ? "on" : ""} aria-current={isAt(to) ? "page" : undefined} onClick={() => onPlace(to)}>
      <Icon /> <span className="ell">{label}</span>
      {count ? <span className={`n ${warning ? "warn" : ""}`} title={warning}>{warning && <TriangleAlert role="img" aria-label={warning} />}{n(count)}</span> : null}
    </button>
  );
  return (
    <aside className="side" aria-label={t`Places`}>
      <Workspaces className="ws" onSettings={() => onPlace("settings")} label={
        <>
          <Mark name={session.name} />
          <span className="ell">{session.name}</span>
          <ChevronsUpDown className="end" style={{ color: "var(--text-faint)" }} />
        </>
      } />
      <button type="button" className="jump" onClick={() => onCommand("palette")}>
        <Search /> <span className="ell sp"><Trans>Search or jump to</Trans></span>
        <span className="row g4"><Kbd of="palette" /></span>
      </button>
      <nav className="nav" aria-label={t`Main`}>
        {entry("contacts", t`Contacts`, Contact, session.contacts)}
        {entry("inbox", t`Inbox`, InboxIcon, (waiting.data?.total ?? 0) + (leads.data?.total ?? 0) + (proposals.data?.proposals.length ?? 0) + (connections.data?.waiting ?? 0) + (duplicates.data?.total ?? 0))}
        {entry("imports", t`Imports`, Download)}
        {entry("exports", t`Exports`, Upload)}
        {entry("privacy", t`Privacy`, Shield, open, late > 0 ? plural(late, { one: `${n(late)} answer is late`, other: `${n(late)} answers are late` }) : undefined)}
        {entry("connections", t`Connections`, Plug, stuck, t`waiting for you`)}
        {entry("lifecycle", t`Lifecycle`, Workflow)}
        {entry("insights", t`Insights`, ChartColumn)}
      </nav>
      <nav className="nav views" aria-label={t`Views`}>
        <h2 className="t12 mut row"><Trans>Views</Trans><span className="sp" />{place === "contacts" && <button type="button" className="viewadd" aria-label={t`Save this list as a view`} title={t`Save this list as a view`} onClick={() => onCommand("save")}><Plus /></button>}</h2>
        {segments.map((one) => (
          <button type="button" key={one.id} className={segment === one.id && place === "contacts" ? "on" : ""} aria-current={segment === one.id && place === "contacts" ? "page" : undefined} onClick={() => onSegment(one.id)}>
            <span className="dotn s8" style={{ "--h": hue(one.name) } as React.CSSProperties} aria-hidden /> <span className="ell">{one.name}</span>
            {one.stale && <TriangleAlert className="stale" aria-label={t`to be reviewed`} />}<span className="n">{one.count === null ? "?" : n(one.count)}</span>
          </button>
        ))}
        {session.archived > 0 && <button type="button" className={filter === ARCHIVE ? "on" : ""} aria-current={filter === ARCHIVE ? "page" : undefined} onClick={() => onList(ARCHIVE)}><Archive /> <span className="ell"><Trans>Archive</Trans></span><span className="n">{n(session.archived)}</span></button>}
        {session.visitors > 0 && <button type="button" className={filter === VISITORS ? "on" : ""} aria-current={filter === VISITORS ? "page" : undefined} onClick={() => onList(VISITORS)}><UserRound /> <span className="ell"><Trans>Visitors</Trans></span><span className="n">{n(session.visitors)}</span></button>}
      </nav>
      <span className="sp" />
      <nav className="nav" aria-label={t`More`}>
        {entry("history", t`History`, HistoryIcon)}
        {entry("bin", t`Bin`, Trash2, session.binned)}
        {entry("settings", t`Settings`, SlidersHorizontal)}
      </nav>
    </aside>
  );
}

/** What a job of the engine is doing. */
const JOBS: Record<string, MessageDescriptor> = {
  Reading: msg`Reading`, Importing: msg`Importing`, Exporting: msg`Exporting`, Changing: msg`Changing`, Emptying: msg`Emptying`, "Looking for duplicates": msg`Looking for duplicates`, Answering: msg`Answering`, Erasing: msg`Erasing`, Deleting: msg`Deleting`,
};
const jobWord = (job: string) => { const known = JOBS[job]; return known ? i18n._(known) : job; };

export function StatusBar({ session, progress }: { session: SessionView; progress: ReturnType<typeof useProgress> }) {
  const running = progress && progress.done < progress.total ? progress : null;
  const connections = useCommand("remote_list", {});
  const stuck = (connections.data?.remotes ?? []).flatMap(({ id, name, state }) => { const words = STUCK[state]; return words ? [{ id, said: words(name) }] : []; });
  const [job, done, total] = running ? [jobWord(running.job), n(running.done), n(running.total)] : [];
  return (
    <footer className="status">
      <span title={session.dir}>
        {session.unprotected ? <LockOpen /> : <Lock />} {session.name}
      </span>
      <span>{contacts(session.contacts)}</span>
      {session.unprotected && (
        <span className="warn"><TriangleAlert /> <Trans>No protection on this computer</Trans></span>
      )}
      {session.notices.map((notice) => (
        <span key={worded(notice)} className="warn">{worded(notice)}</span>
      ))}
      {stuck.slice(0, 2).map(({ id, said }) => <span key={id} className="warn stuck"><TriangleAlert /> <span className="ell">{said}</span></span>)}
      <span className="end">
        {running ? (
          <>
            <Trans>{job} {done} of {total}</Trans>
            <span className="prog" style={{ width: 64 }}><i style={{ width: `${(100 * running.done) / running.total}%` }} /></span>
          </>
        ) : (
          t`Offline is fine`
        )}
      </span>
    </footer>
  );
}
