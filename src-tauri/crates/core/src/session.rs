//! A session: the one workspace a window has open, or none, or a locked one.

mod keys;
mod upkeep;

pub use keys::LOCK_AFTER;

use crate::{
    agents,
    automations::{self, Ran},
    bin,
    core::{Core, Who},
    desktop::MenuView,
    error::{Code, Error},
    export,
    jobs::Jobs,
    knock::{self, Wish},
    privacy::{erasure, retention},
    said::Said,
    spaces,
    sync::schedule,
    tasks, view, visitors, webhooks, workspaces,
};
use cardfile_domain::{Millis, Sentence, say};
use cardfile_store::{Environment, Lock, Opening, Protection, RecoveryCode, Secret, Store, is_workspace};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock, Weak,
        atomic::{AtomicBool, AtomicI64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};
use ts_rs::TS;

/// What a window works on. Shared by all its commands.
pub struct Session {
    environment: Environment,
    /// The workspace it stands on, open or not.
    dir: RwLock<PathBuf>,
    /// The folder where this user's workspaces are, if there is one.
    home: Option<PathBuf>,
    open: RwLock<Option<Open>>,
    /// A person locked it: it does not open by itself until they open it again.
    locked: AtomicBool,
    /// When a person was last seen at it, in milliseconds.
    touched: AtomicI64,
    /// Held while a workspace is being opened, so that it is opened once.
    opening: Mutex<()>,
    /// What the program was started with.
    handed_over: RwLock<Wish>,
    jobs: Jobs,
    tell: Arc<dyn Fn(Event) + Send + Sync>,
}

struct Open {
    core: Arc<Core>,
    notices: Vec<Sentence>,
    /// One window per workspace.
    _window: Lock,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.core.close();
    }
}

/// What the window hears without asking.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// These answers are out of date.
    Stale {
        /// Kinds of answers.
        tags: Vec<Tag>,
    },
    /// A task is due.
    Reminder {
        /// What is to be done.
        title: String,
        /// Whom it is about.
        contact: String,
        /// `ctc_…`
        contact_id: String,
    },
    /// An automation rule did something by itself, or stopped and asks.
    RuleRan {
        /// Its name.
        rule: String,
        /// Contacts it changed, or would have changed.
        changed: u32,
        /// `opr_…`, to undo just this; null when it stopped and asks.
        operation: Option<String>,
    },
    /// The program was started again on this workspace.
    Knocked {
        /// A file to import.
        file: Option<String>,
        /// `ctc_…`, to be shown.
        contact: Option<String>,
    },
    /// The desktop's menu is to be this; the shell builds it.
    Menu(MenuView),
    /// A command of the menu was chosen.
    Chosen {
        /// Its id in the page's list of commands.
        command: String,
    },
    /// Something was done while the window was not in front.
    Done {
        /// What, in the person's language.
        text: String,
    },
    /// A copy of a file is to be opened by the program of the system.
    OpenFile {
        /// Where the copy is.
        path: String,
    },
    /// A person signs in with the browser of the system.
    OpenUrl {
        /// What it opens.
        url: String,
    },
    /// A job got on.
    Progress {
        /// What it does.
        job: String,
        /// Records done.
        #[ts(type = "number")]
        done: u64,
        /// Records in all.
        #[ts(type = "number")]
        total: u64,
    },
}

/// A kind of answer that a write makes out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// Lists of contacts, and contacts.
    Contacts,
    /// Counts by source, stage and tag; custom fields.
    Facets,
    /// Saved views.
    Segments,
    /// Pairs of cards that may be one person.
    Duplicates,
    /// Parts of cards: notes, tasks, conversations, files, rules.
    Parts,
    /// The history.
    History,
    /// The export log.
    Exports,
    /// Settings.
    Settings,
    /// Connections, their runs and what waits of them.
    Remotes,
    /// Backups, and the plan for them.
    Backups,
    /// Webhooks, their messages, hints and the drop folder.
    Webhooks,
    /// Erasures, and what their recipients were told.
    Erasures,
    /// Requests, purposes, consents, restrictions, retention and the audit log.
    Privacy,
    /// Agents: clients, grants, proposals and calls.
    Agents,
    /// Which workspace is open.
    Workspace,
}

impl Tag {
    /// All of them.
    const ALL: [Self; 15] = [
        Self::Contacts,
        Self::Facets,
        Self::Segments,
        Self::Duplicates,
        Self::Parts,
        Self::History,
        Self::Exports,
        Self::Settings,
        Self::Remotes,
        Self::Backups,
        Self::Webhooks,
        Self::Erasures,
        Self::Privacy,
        Self::Agents,
        Self::Workspace,
    ];
}

/// Where the window stands.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    /// What is to be shown.
    pub state: SessionState,
    /// Name of the workspace.
    pub name: String,
    /// Its folder.
    pub dir: String,
    /// The key lies open.
    pub unprotected: bool,
    /// What opens it: `keychain`, `passphrase`, `recovery`, `unprotected`.
    pub ways: Vec<&'static str>,
    /// Whether this computer has a keychain.
    pub keychain: bool,
    /// Why a key is asked for although the keychain was to open it.
    pub why_locked: Option<Said>,
    /// Contacts outside the bin.
    pub contacts: u32,
    /// Contacts in the bin.
    pub binned: u32,
    /// Contacts in the archive; they are not in the list.
    pub archived: u32,
    /// Visitors outside the bin; they are not counted as contacts.
    pub visitors: u32,
    /// What opening it did, in sentences.
    pub notices: Vec<Said>,
    /// A file to import that the program was started with.
    pub handed_over: Option<String>,
    /// A contact to show that it was started with.
    pub handed_contact: Option<String>,
    /// Version of the app.
    pub version: String,
}

/// What is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// There is no workspace yet.
    FirstRun,
    /// There is one and it needs a key.
    Locked,
    /// It is open.
    Open,
}

/// How a new workspace is to be protected.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum ProtectBy {
    /// The keychain.
    Keychain,
    /// A passphrase.
    Passphrase {
        /// At least eight characters.
        passphrase: String,
    },
    /// Nothing.
    Nothing,
}

/// The recovery code of a new workspace, shown once.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// `KQ7F-…`; none for an unprotected workspace.
    pub recovery_code: Option<String>,
}

impl Created {
    pub(crate) fn of(code: Option<&RecoveryCode>) -> Self {
        Self { recovery_code: code.map(RecoveryCode::as_str).map(str::to_owned) }
    }
}

impl Session {
    /// A session on the workspace in `dir`, not open yet. New workspaces are made
    /// in `home`. `tell` brings events to the window.
    pub fn new(
        dir: PathBuf,
        home: Option<PathBuf>,
        environment: Environment,
        tell: impl Fn(Event) + Send + Sync + 'static,
    ) -> Self {
        Self {
            environment,
            dir: RwLock::new(dir),
            home,
            open: RwLock::new(None),
            locked: AtomicBool::new(false),
            touched: AtomicI64::new(0),
            opening: Mutex::new(()),
            handed_over: RwLock::new(Wish::default()),
            jobs: Jobs::default(),
            tell: Arc::new(tell),
        }
    }

    /// What the program was started with; the window shows it.
    pub fn hand_over(&self, wish: Wish) {
        *self.handed_over.write().unwrap_or_else(PoisonError::into_inner) = wish;
    }

    /// The folder of the workspace it stands on.
    pub fn dir(&self) -> PathBuf {
        self.dir.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// Locks what is open and stands on another folder from now on.
    pub(crate) fn turn_to(&self, dir: &Path) -> Result<(), Error> {
        let _once = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if self.jobs.any() {
            return Err(Error::new(Code::InUse, say!("a job is running in this workspace"))
                .hint(say!("Wait for it, or stop it first.")));
        }
        self.open.write().unwrap_or_else(PoisonError::into_inner).take();
        spaces::forget_copies(&self.dir());
        *self.dir.write().unwrap_or_else(PoisonError::into_inner) = dir.to_owned();
        self.locked.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Who does what the window asks for.
    pub fn who(&self) -> Who {
        Who { actor: "you".into(), origin: "window".into() }
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Millis {
        self.environment.clock.now()
    }

    /// Tells the window.
    pub fn tell(&self, event: Event) {
        (self.tell)(event);
    }

    pub(crate) fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// The open workspace.
    pub fn core(&self) -> Result<Arc<Core>, Error> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.as_ref()
            .map(|open| Arc::clone(&open.core))
            .ok_or_else(|| Error::new(Code::Locked, say!("the workspace is locked")))
    }

    /// Where the window stands. Opens the workspace when that needs no asking.
    pub fn view(&self) -> Result<SessionView, Error> {
        let dir = self.dir();
        let exists = is_workspace(&dir);
        if exists && !self.locked.load(Ordering::SeqCst) {
            match self.open(None) {
                Ok(()) => {}
                Err(error) if error.code == Code::Locked => {}
                Err(error) => return Err(error),
            }
        }
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let handed_over = self.handed_over.read().unwrap_or_else(PoisonError::into_inner);
        let ((all, binned), visitors, archived) = match &*open {
            Some(open) => open.core.store().read(|r| {
                let all = r.contacts();
                Ok((all.count()?, all.count_visitors()?, all.count_archived()?))
            })?,
            None => ((0, 0), 0, 0),
        };
        let state = match (&*open, exists) {
            (Some(_), _) => SessionState::Open,
            (None, true) => SessionState::Locked,
            (None, false) => SessionState::FirstRun,
        };
        let is_locked = matches!(state, SessionState::Locked);
        Ok(SessionView {
            state,
            name: workspaces::name_of(&dir),
            dir: dir.display().to_string(),
            unprotected: open.as_ref().is_some_and(|open| open.core.is_unprotected()),
            ways: open.as_ref().map(|open| open.core.ways()).unwrap_or_default(),
            keychain: self.environment.keystore.is_some(),
            why_locked: is_locked.then(|| self.why_locked(&dir)).flatten().map(Said::from),
            contacts: all - binned - visitors - archived,
            binned,
            archived,
            visitors,
            notices: open.as_ref().map(|open| open.notices.iter().map(Said::from).collect()).unwrap_or_default(),
            handed_over: handed_over.file.as_ref().map(|path| path.display().to_string()),
            handed_contact: handed_over.contact.clone(),
            version: self.environment.app.to_owned(),
        })
    }

    /// Makes the workspace and opens it.
    pub fn create(&self, by: ProtectBy) -> Result<Created, Error> {
        // Nobody may open it before its recovery code is on its way.
        let _once = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        let protection = match by {
            ProtectBy::Keychain => Protection::Keychain,
            ProtectBy::Nothing => Protection::None,
            ProtectBy::Passphrase { passphrase } if passphrase.chars().count() < 8 => {
                return Err(Error::bad_request(say!("a passphrase needs at least 8 characters")));
            }
            ProtectBy::Passphrase { passphrase } => Protection::Passphrase(passphrase.into()),
        };
        let (core, code) = Core::create(&self.dir(), &protection, self.environment.clone())?;
        self.hold(core, Vec::new())?;
        Ok(Created::of(code.as_ref()))
    }

    /// Opens the workspace, with what was typed when it needs a key. Nothing
    /// happens when it is open.
    pub fn open(&self, typed: Option<String>) -> Result<(), Error> {
        let _once = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if self.core().is_ok() {
            return Ok(());
        }
        let secret = typed.map(|text| Secret::Passphrase(text.into()));
        let (core, opening) = Core::open(&self.dir(), secret.as_ref(), self.environment.clone())?;
        self.hold(core, notices(&opening))
    }

    fn hold(&self, core: Core, notices: Vec<Sentence>) -> Result<(), Error> {
        let window = Store::lock_window(&self.dir())?
            .ok_or_else(|| Error::new(Code::InUse, say!("another window has this workspace open")))?;
        spaces::forget_copies(&self.dir());
        // Undoable, and said in the history. A fault of it must not keep anybody out.
        let _ = visitors::expire(&core);
        let _ = bin::expire(&core);
        // What a reader or a crash held up.
        let _ = erasure::finish_pending(&core);
        // Word that was left for a window which closed is not for this one.
        let _ = knock::answer(&self.dir());
        let core = Arc::new(core);
        self.warm(Arc::clone(&core));
        self.watch(&core);
        self.keep_in_step(&core);
        self.keep_backed_up(&core);
        webhooks::working::begin(&core, &self.tell);
        self.touch();
        let open = Open { core, notices, _window: window };
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Some(open);
        self.locked.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Tells the window when another program writes to the workspace, and when a
    /// task is due, as long as it is open. The change log says so; asking it once a second costs nothing.
    fn watch(&self, core: &Arc<Core>) {
        let (core, tell) = (Arc::downgrade(core), Arc::clone(&self.tell));
        // Leads that wait are no change of a card.
        let last = |core: &Core| {
            let read = core.store().read(|r| Ok(((r.changes().last()?, r.leads().count()?), r.agents().last_call()?)));
            read.ok()
        };
        std::thread::spawn(move || {
            let elsewhere = |core: &Core| core.store().written_elsewhere().ok();
            let (mut known, mut others) =
                core.upgrade().map(|core| (last(&core), elsewhere(&core))).unwrap_or_default();
            let mut looks = 0u64;
            loop {
                std::thread::sleep(WATCH);
                let Some(core) = core.upgrade() else { return };
                // Looked at by the clock of the wall: a computer that slept reminds
                // when it wakes. A fault shows when the window asks for the same.
                for due in tasks::remind(&core).unwrap_or_default() {
                    tell(Event::Reminder { title: due.task.title, contact: due.contact, contact_id: due.contact_id });
                }
                if let Some(Wish { file, contact }) = knock::answer(core.store().dir()) {
                    tell(Event::Knocked { file: file.map(|path| path.display().to_string()), contact });
                }
                looks += 1;
                if looks.is_multiple_of(EXPIRY) {
                    let _ = export::expire(&core);
                    let _ = agents::expire(&core);
                    // It erases people, too.
                    if retention::catch_up(&core).is_ok_and(|ran| !ran.is_empty()) {
                        tell(Event::Stale { tags: Tag::ALL.to_vec() });
                    }
                }
                // What rules cannot do now they do later.
                let ran = automations::catch_up(&core).unwrap_or_default();
                // They write through this window, and what it shows is old all the same.
                let mut old = if ran.is_empty() { Vec::new() } else { Tag::ALL.to_vec() };
                for Ran { rule, changed, operation } in ran {
                    tell(Event::RuleRan { rule, changed, operation: operation.map(|id| id.to_string()) });
                }
                let now = last(&core);
                let was = if now.is_some() { std::mem::replace(&mut known, now) } else { now };
                // The one connection that writes is only asked when something was written.
                if was != now {
                    let writes = elsewhere(&core);
                    if std::mem::replace(&mut others, writes) != writes {
                        // An agent asked, and nothing was written on any card; else whoever wrote
                        // may have written anything.
                        let is_asked = matches!((was, now), (Some((change, call)), Some((same, other)))
                            if change == same && call != other);
                        if !is_asked {
                            old = Tag::ALL.to_vec();
                        } else if old.is_empty() {
                            old.push(Tag::Agents);
                        }
                    }
                }
                if !old.is_empty() {
                    tell(Event::Stale { tags: old });
                }
            }
        });
    }

    /// Syncs what is due, as long as the workspace is open; on a thread of its own, because
    /// a server may take its time.
    fn keep_in_step(&self, core: &Arc<Core>) {
        let (core, tell) = (Arc::downgrade(core), Arc::clone(&self.tell));
        let (say, heard) = mpsc::channel();
        let listening = Weak::clone(&core);
        std::thread::spawn(move || schedule::listen(&listening, &say));
        std::thread::spawn(move || {
            loop {
                let is_heard = match heard.recv_timeout(STEP) {
                    Ok(()) => true,
                    Err(RecvTimeoutError::Timeout) => false,
                    // The workspace is closed.
                    Err(RecvTimeoutError::Disconnected) => return,
                };
                let Some(core) = core.upgrade() else { return };
                // Receipts say what came of it, and what was begun is ended: somebody may be gone.
                if erasure::catch_up(&core).is_ok_and(|made| made > 0) {
                    tell(Event::Stale { tags: Tag::ALL.to_vec() });
                }
                // How each ended is in the history of its connection.
                let ran = if is_heard { schedule::follow(&core) } else { schedule::catch_up(&core) };
                if !ran.is_empty() {
                    tell(Event::Stale {
                        tags: vec![Tag::Remotes, Tag::Contacts, Tag::Facets, Tag::History, Tag::Workspace],
                    });
                }
            }
        });
    }

    /// Builds the index behind the first page, and tells the window when it is
    /// there. It works on the workspace it began with: when that is locked in
    /// the meantime, it is dropped with its last user.
    fn warm(&self, core: Arc<Core>) {
        let tell = Arc::clone(&self.tell);
        std::thread::spawn(move || {
            // A fault shows when the window asks for the same.
            if view::warm(&core).is_ok() {
                tell(Event::Stale { tags: vec![Tag::Contacts, Tag::Facets] });
            }
        });
    }

    /// Wipes the key and the search index from memory.
    pub fn lock(&self) {
        let _once = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        self.locked.store(true, Ordering::SeqCst);
        self.open.write().unwrap_or_else(PoisonError::into_inner).take();
        spaces::forget_copies(&self.dir());
    }
}

/// What opening a workspace did, in sentences.
fn notices(opening: &Opening) -> Vec<Sentence> {
    let cut = opening.rolled_back.iter().map(|op| match op.subject.as_str() {
        "" => say!("An operation had been cut off and was taken back."),
        subject => say!("“{subject}” had been cut off and was taken back. Nothing of it is left.", subject),
    });
    let backup =
        opening.backup.iter().map(|path| say!("Brought up to date. A backup of the old state is in {path}.", path));
    let mended = opening.keychain_mended.then(|| say!("The keychain of this computer opens it again from now on."));
    cut.chain(backup).chain(mended).collect()
}

/// Between two looks at what is to be synced.
const STEP: Duration = Duration::from_secs(5);
/// After so many looks, files of exports whose time is over are deleted.
const EXPIRY: u64 = 60;
/// How often the change log is asked for the writes of other programs.
const WATCH: Duration = Duration::from_secs(1);
