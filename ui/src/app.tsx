import { i18n } from "@lingui/core";
import { plural, t } from "@lingui/core/macro";
import { useCallback, useEffect, useRef, useState } from "react";
import { host, useAction, useCommand, useProgress } from "./api/cache";
import { dropsBecome, handOver } from "./api/drops";
import { sentence } from "./api/host";
import { bind, type CommandId, COMMANDS, isCommand, isTyping, keysOf, mayRun, menus, pressed } from "./commands";
import { Keys } from "./components/keys";
import { NewCode } from "./components/new-code";
import { Palette } from "./components/palette";
import { useToast } from "./components/toast";
import { Agents } from "./screens/agents/agents";
import { Connections } from "./screens/connections/connections";
import { Contacts } from "./screens/contacts/contacts";
import { Exports } from "./screens/exports/exports";
import { FirstRun } from "./screens/first-run/first-run";
import { History } from "./screens/history/history";
import { Compare } from "./screens/inbox/compare";
import { Inbox } from "./screens/inbox/inbox";
import { Insights } from "./screens/insights/insights";
import { Lifecycle } from "./screens/lifecycle/lifecycle";
import { Import } from "./screens/import/import";
import { useCourse } from "./screens/privacy/course";
import { Privacy } from "./screens/privacy/privacy";
import { Settings } from "./screens/settings/settings";
import { Unlock } from "./screens/unlock/unlock";
import type { Begin, Shown } from "./places";
import { Sidebar, StatusBar } from "./shell";
import { contacts, formatAs, n, operationWord, subjectOf } from "./text/words";
import { useTheme } from "./theme";

export type Place = "contacts" | "inbox" | "imports" | "exports" | "privacy" | "connections" | "agents" | "insights" | "lifecycle" | "compare" | "history" | "bin" | "settings";

/** Whether the menu bar is shown is kept on this computer. */
const MENU = "cardfile.menu";

/** By these a person shows that they are there, told at most so often. */
const SIGNS = ["keydown", "pointerdown", "wheel"] as const;
const SIGN_MS = 10_000;

/** What was undone, and how many were left alone. */
const undone = (what: string, left: number) => left > 0 ? plural(left, { one: `Undone: ${what}. ${n(left)} kept because you edited it`, other: `Undone: ${what}. ${n(left)} kept because you edited them` }) : t`Undone: ${what}`;
const doneAgain = (what: string, left: number) => left > 0 ? plural(left, { one: `Done again: ${what}. ${n(left)} kept because you edited it`, other: `Done again: ${what}. ${n(left)} kept because you edited them` }) : t`Done again: ${what}`;

/** The frame around the screens: places, keys, drops, palette, toasts. */
export function App() {
  const session = useCommand("session_get", {});
  const [place, setPlace] = useState<Place>("contacts");
  const [overlay, setOverlay] = useState<"palette" | "keys" | null>(null);
  const [file, setFile] = useState<string | null>(null);
  const [dropping, setDropping] = useState(false);
  /** The dialog that connects another system. */
  const [connecting, setConnecting] = useState(false);
  /** The dialog that writes down a request. */
  const [asked, setAsked] = useState(false);
  /** A recovery code that was just made. It is kept here: the page that made it goes when the workspace locks. */
  const [code, setCode] = useState<string | null>(null);
  const privacy = useCourse();
  const theme = useTheme();
  const toast = useToast();
  const progress = useProgress();
  const undo = useAction("history_undo");
  const redo = useAction("history_redo");
  const lock = useAction("workspace_lock");
  /** Commands that only the screen in front can carry out. */
  const screen = useRef<Partial<Record<CommandId, () => void>>>({});

  /** The list as it was when the person went on to another place. */
  const shown = useRef<Shown>({ query: "", inTexts: false, filter: "", sort: ["-last_seen"], selected: [], except: [] });

  /** Two cards that are compared. */
  const [compared, setCompared] = useState<[string, string] | null>(null);
  const state = session.data?.state;
  /** How the list begins when it is opened from elsewhere: filtered, or with a card. */
  const [begin, setBegin] = useState<Begin>({ times: 0 });
  const showContacts = (how: Omit<Begin, "times">) => {
    setBegin(({ times }) => ({ ...how, times: times + 1 }));
    setPlace("contacts");
  };
  useEffect(() => {
    if (place !== "contacts") setBegin(({ times }) => ({ times }));
  }, [place]);

  useEffect(() => {
    if (state !== "open") privacy.lock();
  }, [state]);

  const segments = useCommand("segment_list", {}, state === "open");
  /** One that was just made is not in the list yet: it is shown when it is. */
  const [wanted, setWanted] = useState<string | null>(null);
  const showSegment = (id: string | null) => (id === null ? showContacts({}) : setWanted(id));
  useEffect(() => {
    const segment = segments.data?.segments.find(({ id }) => id === wanted);
    if (!segment) return;
    setWanted(null);
    setBegin(({ times }) => ({ segment, times: times + 1 }));
    setPlace("contacts");
  }, [segments.data, wanted]);

  // The view that is shown was deleted, or its making undone: its contacts stay in sight.
  const lostView = begin.segment && segments.data && !segments.isFetching && !segments.data.segments.some(({ id }) => id === begin.segment?.id) ? begin.segment : null;
  useEffect(() => {
    if (lostView) setBegin(({ times }) => ({ times: times + 1, ...(lostView.filter && { filter: lostView.filter }) }));
  }, [lostView]);

  const dir = session.data?.dir;
  /** The workspace that was shown last; the first one finds what was dropped before it was open. */
  const dirBefore = useRef(dir);
  // Another workspace begins at its list, with nothing of the one before.
  useEffect(() => {
    const isFirst = dirBefore.current === undefined;
    dirBefore.current = dir;
    if (isFirst) return;
    setPlace("contacts");
    setBegin((was) => (was.filter || was.open || was.segment ? { times: was.times + 1 } : was));
    setFile(null);
    setOverlay(null);
    setConnecting(false);
    setAsked(false);
    privacy.begin();
    shown.current = { query: "", inTexts: false, filter: "", sort: ["-last_seen"], selected: [], except: [] };
  }, [dir]);
  const kept = useCommand("setting_get", { key: "keys" }, state === "open");
  useEffect(() => bind(kept.data?.value), [kept.data]);
  const formats = useCommand("setting_get", { key: "formats" }, state === "open");
  // Before the children are drawn: they read it while they are.
  formatAs(typeof formats.data?.value === "string" ? formats.data.value : "");

  const showImport = useCallback((path: string) => {
    setFile(path);
    setPlace("imports");
  }, []);

  useEffect(() => {
    if (session.data?.handedOver && state === "open") showImport(session.data.handedOver);
  }, [session.data?.handedOver, state, showImport]);
  const handedContact = session.data?.handedContact;
  useEffect(() => {
    if (handedContact && state === "open") showContacts({ open: handedContact });
  }, [handedContact, state]);
  // Started again on this workspace: here is what it was started with.
  useEffect(() => host.onEvent((event) => {
    if (event.event !== "knocked") return;
    if (event.file) showImport(event.file);
    else if (event.contact) showContacts({ open: event.contact });
  }), [showImport]);

  useEffect(() => host.onEvent((event) => event.event === "reminder" && toast(`${event.title}: ${event.contact}`, undefined, { quiet: true })), [toast]);

  // The engine locks when nobody was here for long. A sign every few seconds is enough.
  useEffect(() => {
    if (state !== "open") return;
    let told = 0;
    const onSign = () => {
      if (Date.now() - told < SIGN_MS) return;
      told = Date.now();
      void host.call("session_touch", {}).catch(() => {});
    };
    for (const sign of SIGNS) window.addEventListener(sign, onSign, { capture: true, passive: true });
    return () => { for (const sign of SIGNS) window.removeEventListener(sign, onSign, { capture: true }); };
  }, [state]);

  const [menuShown, setMenuShown] = useState(() => localStorage.getItem(MENU) === "shown");
  useEffect(() => {
    localStorage.setItem(MENU, menuShown ? "shown" : "hidden");
    void host.call("menu_show", { shown: menuShown, menus: menus() }).catch(() => {});
  }, [menuShown, i18n.locale]);

  useEffect(() => host.onEvent((event) => {
    if (event.event !== "ruleRan") return;
    const { operation, rule, changed } = event;
    if (operation) toast(t`${rule}: ${contacts(changed)} changed`, () => undo.mutate({ id: operation }, { onError: (error) => toast(sentence(error)) }), { quiet: true });
    else toast(t`${rule} stopped: it would have changed ${contacts(changed)} at once. Look at it in Lifecycle.`, undefined, { quiet: true });
  }), [toast, undo.mutate]);

  useEffect(() => host.onDrop((paths) => paths[0] && (handOver(paths) || showImport(paths[0])), setDropping), [showImport]);

  const chooseFile = useCallback(() => void host.chooseFile().then((path) => path && showImport(path)), [showImport]);

  const reverse = useCallback(
    (action: typeof undo, again: boolean) =>
      action.mutate(
        { id: null },
        {
          onSuccess: ({ operation, kept }) => {
            const what = `${operationWord(operation.kind)} ${subjectOf(operation.kind, operation.subject)}`.trim();
            toast(again ? doneAgain(what, kept.length) : undone(what, kept.length));
          },
          onError: (error) => toast(sentence(error)),
        },
      ),
    [toast],
  );

  const run = useCallback(
    (id: CommandId) => {
      setOverlay(null);
      const own = screen.current[id];
      if (own) return own();
      switch (id) {
        case "palette":
        case "keys":
          return setOverlay(id);
        case "save":
          // There is a list to save in Contacts only.
          return;
        case "menu":
          return setMenuShown((was) => !was);
        case "go.contacts":
          return showContacts({});
        case "go.inbox":
          return setPlace("inbox");
        case "go.imports":
          return setPlace("imports");
        case "go.exports":
        case "export":
          return setPlace("exports");
        case "go.privacy":
          return setPlace("privacy");
        case "request":
          setAsked(true);
          return setPlace("privacy");
        case "go.connections":
          return setPlace("connections");
        case "go.agents":
          return setPlace("agents");
        case "connect":
          setConnecting(true);
          return setPlace("connections");
        case "go.lifecycle":
          return setPlace("lifecycle");
        case "go.insights":
          return setPlace("insights");
        case "go.history":
          return setPlace("history");
        case "go.bin":
          return setPlace("bin");
        case "go.settings":
          return setPlace("settings");
        case "import":
          return chooseFile();
        case "undo":
          return reverse(undo, false);
        case "redo":
          return reverse(redo, true);
        case "lock":
          return lock.mutate({});
        case "theme":
          return theme.toggle();
      }
    },
    [chooseFile, lock, redo, reverse, theme, undo],
  );

  /** The first key of two, kept while the frame is drawn again in between. */
  const lead = useRef("");
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const keys = pressed(event);
      if (keys === "escape" && overlay) return setOverlay(null);
      const typed = lead.current + keys;
      lead.current = "";
      const plain = !keys.includes("ctrl+");
      if (plain && (isTyping(event.target) || overlay)) return;
      if (state !== "open" && keys !== "?") return;
      const led = COMMANDS.find((one) => keysOf(one.id).startsWith(`${typed} `));
      if (led) {
        if (mayRun(led.id, event.target)) lead.current = `${typed} `;
        return;
      }
      const command = COMMANDS.find((one) => keysOf(one.id) === typed && typed !== "");
      if (!command || !mayRun(command.id, event.target)) return;
      event.preventDefault();
      run(command.id);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [overlay, run, state]);

  useEffect(() => host.onEvent((event) => {
    if (event.event === "chosen" && isCommand(event.command) && (state === "open" || event.command === "menu") && mayRun(event.command, document.activeElement)) run(event.command);
  }), [run, state]);

  const newCode = code !== null && <NewCode code={code} onSaved={() => setCode(null)} />;
  if (session.error) return <><Unlock failure={session.error} onOpened={() => void session.refetch()} name="" />{newCode}</>;
  if (!session.data) return newCode || null;
  if (state === "locked") return <><Unlock name={session.data.name} why={session.data.whyLocked} onOpened={() => void session.refetch()} />{newCode}</>;
  if (state === "first_run") return <><FirstRun session={session.data} />{newCode}</>;

  return (
    <div className="app">
      <Sidebar place={place} filter={begin.filter} segment={begin.segment?.id} segments={segments.data?.segments ?? []} onSegment={showSegment} session={session.data} onPlace={(to) => (to === "contacts" ? showContacts({}) : setPlace(to))} onCommand={run} onList={(filter) => showContacts({ filter })} />
      {place === "contacts" && (
        <Contacts key={`${dir}${begin.times}`} begin={begin} session={session.data} commands={screen} shown={shown} onImport={chooseFile} onExport={() => setPlace("exports")} onMerge={([one, other]) => { if (!one || !other) return; setCompared([one, other]); setPlace("compare"); }} onSegment={showSegment} />
      )}
      {place === "compare" && compared && <div className="split"><Compare key={compared.join()} ids={compared} onBack={() => showContacts({})} onContact={(open) => showContacts({ open })} onDecided={(text, operation) => { showContacts({}); toast(text, operation ? () => undo.mutate({ id: operation }, { onError: (error) => toast(sentence(error)) }) : undefined); }} /></div>}
      {place === "inbox" && <Inbox key={dir} onContact={(open, tab) => showContacts({ open, tab })} />}
      {place === "lifecycle" && <Lifecycle key={dir} onContact={(open) => showContacts({ open })} onList={(filter) => showContacts({ filter })} />}
      {place === "insights" && <Insights key={dir} segments={segments.data?.segments ?? []} onList={(filter) => showContacts({ filter })} onInbox={() => setPlace("inbox")} />}
      {place === "exports" && <Exports key={dir} shown={shown.current} />}
      {place === "privacy" && <Privacy key={dir} course={privacy} adding={asked} onAdding={setAsked} onContact={(open) => showContacts({ open })} />}
      {place === "connections" && <Connections key={dir} connecting={connecting} onConnecting={setConnecting} onInbox={() => setPlace("inbox")} onAgents={() => setPlace("agents")} />}
      {place === "agents" && <Agents key={dir} onConnections={() => setPlace("connections")} onContact={(open) => showContacts({ open })} />}
      {place === "imports" && <Import file={file} onChoose={chooseFile} onDone={() => { setFile(null); setPlace("contacts"); }} />}
      {(place === "history" || place === "bin") && <History tab={place} onTab={setPlace} />}
      {place === "settings" && <Settings session={session.data} theme={theme} onLock={() => run("lock")} onCode={setCode} />}
      <StatusBar session={session.data} progress={progress} />
      {newCode}
      {overlay === "palette" && <Palette onCommand={run} onClose={() => setOverlay(null)} />}
      {overlay === "keys" && <Keys onClose={() => setOverlay(null)} />}
      {dropping && <div className="scrim dropping"><p className="t20">{dropsBecome() ?? t`Drop the file to see what an import would do`}</p></div>}
    </div>
  );
}
