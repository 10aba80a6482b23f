import { Archive, ChartColumn, ChevronsUpDown, Contact, Download, History as HistoryIcon, Inbox as InboxIcon, Lock, LockOpen, Plus, Search, Shield, SlidersHorizontal, Trash2, TriangleAlert, UserRound, Workflow } from "lucide-react";
import type { SegmentView, SessionView } from "./api/generated/commands";
import { useCommand, type useProgress } from "./api/cache";
import type { Place } from "./app";
import type { CommandId } from "./commands";
import { hue } from "./components/avatar";
import { Kbd } from "./components/kbd";
import { Workspaces } from "./components/workspaces";
import { contacts, n } from "./text/en";

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

const VISITORS = "identity:anonymous";
const ARCHIVE = "archived:any";

export function Sidebar({ place, filter, session, onPlace, onCommand, onList, segment, segments, onSegment }: SidebarProps) {
  const waiting = useCommand("inbox_list", {});
  const duplicates = useCommand("duplicate_list", {});
  const entry = (to: Place, label: string, Icon: typeof Contact, count?: number) => (
    <button type="button" className={place === to && !filter && !segment ? "on" : ""} aria-current={place === to && !filter && !segment ? "page" : undefined} onClick={() => onPlace(to)}>
      <Icon /> <span className="ell">{label}</span>
      {count ? <span className="n">{n(count)}</span> : null}
    </button>
  );
  return (
    <aside className="side" aria-label="Places">
      <Workspaces className="ws" onSettings={() => onPlace("settings")} label={
        <>
          <span className="mk" style={{ "--h": 264 } as React.CSSProperties} aria-hidden>C</span>
          <span className="ell">{session.name}</span>
          <ChevronsUpDown className="end" style={{ color: "var(--text-faint)" }} />
        </>
      } />
      <button type="button" className="jump" onClick={() => onCommand("palette")}>
        <Search /> <span className="ell sp">Search or jump to</span>
        <span className="row g4"><Kbd of="palette" /></span>
      </button>
      <nav className="nav" aria-label="Main">
        {entry("contacts", "Contacts", Contact, session.contacts)}
        {entry("inbox", "Inbox", InboxIcon, (waiting.data?.total ?? 0) + (duplicates.data?.total ?? 0))}
        {entry("imports", "Imports", Download)}
        {entry("exports", "Exports & privacy", Shield)}
        {entry("lifecycle", "Lifecycle", Workflow)}
        {entry("insights", "Insights", ChartColumn)}
      </nav>
      <nav className="nav views" aria-label="Views">
        <h2 className="t12 mut row">Views<span className="sp" />{place === "contacts" && <button type="button" className="viewadd" aria-label="Save this list as a view" title="Save this list as a view" onClick={() => onCommand("save")}><Plus /></button>}</h2>
        {segments.map((one) => (
          <button type="button" key={one.id} className={segment === one.id && place === "contacts" ? "on" : ""} aria-current={segment === one.id && place === "contacts" ? "page" : undefined} onClick={() => onSegment(one.id)}>
            <span className="dotn s8" style={{ "--h": hue(one.name) } as React.CSSProperties} aria-hidden /> <span className="ell">{one.name}</span>
            {one.stale && <TriangleAlert className="stale" aria-label="to be reviewed" />}<span className="n">{one.count === null ? "?" : n(one.count)}</span>
          </button>
        ))}
        {session.archived > 0 && <button type="button" className={filter === ARCHIVE ? "on" : ""} aria-current={filter === ARCHIVE ? "page" : undefined} onClick={() => onList(ARCHIVE)}><Archive /> <span className="ell">Archive</span><span className="n">{n(session.archived)}</span></button>}
        {session.visitors > 0 && <button type="button" className={filter === VISITORS ? "on" : ""} aria-current={filter === VISITORS ? "page" : undefined} onClick={() => onList(VISITORS)}><UserRound /> <span className="ell">Visitors</span><span className="n">{n(session.visitors)}</span></button>}
      </nav>
      <span className="sp" />
      <nav className="nav" aria-label="More">
        {entry("history", "History", HistoryIcon)}
        {entry("bin", "Bin", Trash2, session.binned)}
        {entry("settings", "Settings", SlidersHorizontal)}
      </nav>
    </aside>
  );
}

export function StatusBar({ session, progress }: { session: SessionView; progress: ReturnType<typeof useProgress> }) {
  const running = progress && progress.done < progress.total ? progress : null;
  return (
    <footer className="status">
      <span title={session.dir}>
        {session.unprotected ? <LockOpen /> : <Lock />} {session.name}
      </span>
      <span>{contacts(session.contacts)}</span>
      {session.unprotected && (
        <span className="warn"><TriangleAlert /> No protection on this computer</span>
      )}
      {session.notices.map((notice) => (
        <span key={notice} className="warn">{notice}</span>
      ))}
      <span className="end">
        {running ? (
          <>
            {running.job} {n(running.done)} of {n(running.total)}
            <span className="prog" style={{ width: 64 }}><i style={{ width: `${(100 * running.done) / running.total}%` }} /></span>
          </>
        ) : (
          "Offline is fine"
        )}
      </span>
    </footer>
  );
}
