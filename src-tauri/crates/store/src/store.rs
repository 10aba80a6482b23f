//! An open workspace.

use crate::{
    backup, blob, catalogue,
    change::Changes,
    checkpoint::Gate,
    connection,
    contact::Contacts,
    error::StoreError,
    files::{self, Lock},
    in_use,
    keyslots::{self, DataKey, KeySlots, Protection, Secret},
    keystore::Keystore,
    operation::{self, OpKind, OperationRow, Operations},
    reader::Reader,
    recovery::RecoveryCode,
    reserve,
    schema::{self, Standing},
    suppression::Suppressor,
    swap,
    write::{Op, Reverted, Touched, Tx},
};
use cardfile_domain::{Clock, Ids, Millis, OperationId, id::Entropy, say};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

/// The database's file name in its workspace.
pub const DATABASE: &str = "cardfile.db";

/// Whether the folder is one of a workspace. The key slots are written last:
/// without them it is none yet.
pub fn is_workspace(dir: &Path) -> bool {
    dir.join(keyslots::FILE).is_file() || swap::is_ready(dir)
}

/// Rows a large operation writes in one transaction, so that other writers get
/// their turn in between.
pub const CHUNK: usize = 20_000;

/// What the store needs from outside.
#[derive(Clone)]
pub struct Environment {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Keychain, if this computer has one.
    pub keystore: Option<Arc<dyn Keystore>>,
    /// Version of the app, kept with each migration.
    pub app: &'static str,
}

impl Environment {
    /// A name beside `path` that nobody else uses, for a file that is not ready.
    pub(crate) fn sibling(&self, path: &Path, what: &str) -> PathBuf {
        let ids = Ids { clock: &*self.clock, entropy: &*self.entropy };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        path.with_file_name(format!(".{name}.{}.{what}", ids.next("")))
    }

    /// Removes folders beside `path` that were left when such work was cut off: a whole workspace
    /// may lie in one. What changed within a day may still be worked on.
    pub(crate) fn sweep_siblings(&self, path: &Path, what: &str) {
        let beside = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Ok(entries) = std::fs::read_dir(beside) else { return };
        let before = self.clock.now().0 - Millis::DAY;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_draft = name.starts_with('.') && is_named_so(&name, what);
            if !is_draft || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            // The folder itself, and the database that grows in it.
            let places = [entry.path(), entry.path().join(DATABASE)];
            if places.iter().filter_map(|place| changed_at(place)).all(|at| at < before) {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// Whether a name ends as [`Environment::sibling`] makes it: with an id and what it is.
fn is_named_so(name: &str, what: &str) -> bool {
    const ID: usize = 26;
    let id = name.strip_suffix(what).and_then(|rest| rest.strip_suffix('.')).and_then(|rest| rest.rsplit('.').next());
    id.is_some_and(|id| id.len() == ID && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn changed_at(path: &Path) -> Option<i64> {
    let changed = std::fs::metadata(path).ok()?.modified().ok()?;
    Some(changed.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis() as i64)
}

/// An open workspace: one connection that writes, several that read.
pub struct Store {
    dir: PathBuf,
    environment: Environment,
    slots: Mutex<KeySlots>,
    key: DataKey,
    suppressor: RwLock<Suppressor>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    pub(crate) gate: Gate,
    listeners: Mutex<Vec<Listener>>,
    /// Held beside others who have it open.
    open: Lock,
    /// Everything is in memory, in one connection.
    is_memory: bool,
    /// Its file has no cipher.
    is_plain: bool,
}

type Listener = Box<dyn Fn(&Touched) + Send + Sync>;

/// A workspace of the simulator as it once was.
#[doc(hidden)]
pub struct Snapshot(Connection);

/// What opening a workspace found and did.
#[derive(Debug, Default)]
pub struct Opening {
    /// Operations that had been cut off and were taken back.
    pub rolled_back: Vec<OperationRow>,
    /// The backup that was made before the schema was brought up to date.
    pub backup: Option<PathBuf>,
    /// The keychain did not open it, and does so again from now on.
    pub keychain_mended: bool,
}

/// What became of the changes of an undone operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndoReport {
    /// Contacts removed.
    pub removed: u32,
    /// Contacts restored.
    pub restored: u32,
    /// Contacts left alone, wholly or in some fields, because a person edited them since.
    pub kept: Vec<(cardfile_domain::ContactId, Vec<String>)>,
    /// Contacts that something else had removed.
    pub gone: u32,
}

impl UndoReport {
    fn add(&mut self, reverted: Reverted) {
        match reverted {
            Reverted::Removed => self.removed += 1,
            Reverted::Restored => self.restored += 1,
            Reverted::Kept { id, fields } => self.kept.push((id, fields)),
            Reverted::Gone => self.gone += 1,
            Reverted::Other => {}
        }
    }

    fn counts(&self) -> Value {
        json!({ "removed": self.removed, "restored": self.restored, "kept": self.kept.len(), "gone": self.gone })
    }
}

impl Store {
    /// Makes a new workspace in a folder that is empty or not there. Returns
    /// the recovery code, to be shown once, unless it is unprotected.
    pub fn create(
        dir: &Path,
        protection: &Protection,
        environment: Environment,
    ) -> Result<(Self, Option<RecoveryCode>), StoreError> {
        files::make_dir(dir)?;
        let mut entries = std::fs::read_dir(dir).map_err(StoreError::io(dir.display().to_string()))?;
        if entries.next().is_some() {
            return Err(StoreError::NotEmpty(dir.to_owned()));
        }
        let ids = Ids { clock: &*environment.clock, entropy: &*environment.entropy };
        let (mut slots, key, code) =
            KeySlots::create(ids.next("wsp_"), protection, environment.keystore.as_deref(), &*environment.entropy)?;
        let suppressor = Suppressor::generate(&*environment.entropy);
        slots.put_suppressor(&key, &suppressor, &*environment.entropy)?;
        for part in [blob::FOLDER, catalogue::FOLDER] {
            files::make_dir(&dir.join(part))?;
        }
        let open = in_use::enter(dir)?;
        // The file is made first so that it never exists with open permissions.
        drop(files::create_new(&dir.join(DATABASE))?);
        let mut db = connection::open(&dir.join(DATABASE), &key, true)?;
        schema::migrate(&mut db, environment.app, environment.clock.now())?;
        schema::ensure_lookups(&db)?;
        // Last: a folder without key slots is not a workspace yet.
        files::put(&dir.join(keyslots::FILE), slots.to_json().as_bytes())?;
        reserve::keep(dir);
        Ok((Self::assemble(dir, environment, slots, key, suppressor, db, open), code))
    }

    /// Opens a workspace with what needs no asking, or with `secret`.
    pub fn open(dir: &Path, secret: Option<&Secret>, environment: Environment) -> Result<(Self, Opening), StoreError> {
        if !is_workspace(dir) {
            return Err(StoreError::NotAWorkspace(dir.to_owned()));
        }
        files::check_private(dir)?;
        let open = in_use::enter(dir)?;
        let slots = KeySlots::read(dir)?;
        let unasked = slots.open_unasked(environment.keystore.as_deref());
        let is_asked = unasked.is_none();
        let key = match (unasked, secret) {
            (_, Some(secret)) => slots.open_with(secret)?,
            (Some(key), None) => key,
            (None, None) => return Err(StoreError::Locked),
        };
        let (store, mut opening) = Self::open_with_key(dir, slots, key, open, environment)?;
        opening.keychain_mended = is_asked && store.mend_keychain();
        Ok((store, opening))
    }

    /// Opens a workspace whose key is at hand, because it was open just now.
    pub fn reopen(dir: &Path, key: DataKey, environment: Environment) -> Result<(Self, Opening), StoreError> {
        let open = in_use::enter(dir)?;
        let slots = KeySlots::read(dir)?;
        Self::open_with_key(dir, slots, key, open, environment)
    }

    fn open_with_key(
        dir: &Path,
        slots: KeySlots,
        key: DataKey,
        open: Lock,
        environment: Environment,
    ) -> Result<(Self, Opening), StoreError> {
        let path = dir.join(DATABASE);
        if !path.is_file() {
            return Err(StoreError::Damaged(say!("{file} is missing", file = DATABASE)));
        }
        files::refuse_link(&path)?;
        files::check_private(&path)?;
        let db = open_writable(dir, &path, &key)?;
        let mut opening = Opening::default();
        let kept = slots.suppressor(&key)?;
        let is_kept = kept.is_some();
        let suppressor = kept.unwrap_or_else(|| Suppressor::generate(&*environment.entropy));
        let store = match schema::standing(&db)? {
            Standing::Current => Self::assemble(dir, environment, slots, key, suppressor, db, open),
            Standing::Empty => return Err(StoreError::Damaged(say!("{file} holds no workspace", file = DATABASE))),
            Standing::Older => {
                let _alone = Self::lock_alone(dir)?;
                let store = Self::assemble(dir, environment, slots, key, suppressor, db, open);
                store.bring_up_to_date(&mut opening)?;
                store
            }
        };
        if !is_kept {
            store.settle_suppressor()?;
        }
        opening.rolled_back = store.recover()?;
        reserve::keep(dir);
        blob::sweep(dir, store.environment.clock.now());
        backup::sweep(dir);
        Ok((store, opening))
    }

    /// A backup first, then the schema. Nobody else may have the workspace open: an older
    /// program would go on writing to a schema that it does not know.
    fn bring_up_to_date(&self, opening: &mut Opening) -> Result<(), StoreError> {
        let lock = in_use::lock_of(&self.dir);
        if !self.open.make_alone(&lock)? {
            return Err(StoreError::InUse(say!("another program has it open, and it is of an older version")));
        }
        // Another start may have been faster.
        if schema::standing(&self.writer())? == Standing::Older {
            opening.backup = Some(self.backup_before_migration()?);
            schema::migrate(&mut self.writer(), self.environment.app, self.environment.clock.now())?;
        }
        self.open.make_shared(&lock)
    }

    fn assemble(
        dir: &Path,
        environment: Environment,
        slots: KeySlots,
        key: DataKey,
        suppressor: Suppressor,
        db: Connection,
        open: Lock,
    ) -> Self {
        Self {
            dir: dir.to_owned(),
            environment,
            slots: Mutex::new(slots),
            key,
            suppressor: RwLock::new(suppressor),
            writer: Mutex::new(db),
            readers: Mutex::new(Vec::new()),
            listeners: Mutex::new(Vec::new()),
            open,
            gate: Gate::default(),
            is_memory: false,
            is_plain: false,
        }
    }

    /// A workspace in memory, without a cipher and without a folder: for the simulator.
    #[doc(hidden)]
    pub fn in_memory(environment: Environment) -> Result<Self, StoreError> {
        let mut db = connection::open_memory()?;
        schema::migrate(&mut db, environment.app, environment.clock.now())?;
        schema::ensure_lookups(&db)?;
        let (slots, key, _) =
            KeySlots::create("wsp_memory".to_owned(), &Protection::None, None, &*environment.entropy)?;
        let suppressor = Suppressor::generate(&*environment.entropy);
        let open = Lock::none();
        Ok(Self { is_memory: true, ..Self::assemble(Path::new(""), environment, slots, key, suppressor, db, open) })
    }

    /// A new workspace in a file without a cipher: for the test that looks for bytes of an
    /// erased person, which a cipher would hide.
    #[doc(hidden)]
    pub fn in_clear(dir: &Path, environment: Environment) -> Result<Self, StoreError> {
        files::make_dir(dir)?;
        for part in [blob::FOLDER, catalogue::FOLDER] {
            files::make_dir(&dir.join(part))?;
        }
        drop(files::create_new(&dir.join(DATABASE))?);
        let mut db = connection::open_clear(&dir.join(DATABASE))?;
        schema::migrate(&mut db, environment.app, environment.clock.now())?;
        schema::ensure_lookups(&db)?;
        let passphrase = Protection::Passphrase("in clear".to_owned().into());
        let (mut slots, key, _) = KeySlots::create("wsp_clear".to_owned(), &passphrase, None, &*environment.entropy)?;
        let suppressor = Suppressor::generate(&*environment.entropy);
        slots.put_suppressor(&key, &suppressor, &*environment.entropy)?;
        files::put(&dir.join(keyslots::FILE), slots.to_json().as_bytes())?;
        let open = in_use::enter(dir)?;
        Ok(Self { is_plain: true, ..Self::assemble(dir, environment, slots, key, suppressor, db, open) })
    }

    /// Takes everything out of a workspace of the simulator, which uses one a million times.
    #[doc(hidden)]
    pub fn empty(&self) -> Result<(), StoreError> {
        assert_eq!(self.environment.app, "simulator", "no workspace of a person is emptied");
        schema::empty(&self.writer())
    }

    /// A workspace of the simulator as it is now, to fall back to as to a backup; nothing
    /// where it is a file.
    #[doc(hidden)]
    pub fn snapshot(&self) -> Result<Option<Snapshot>, StoreError> {
        if !self.is_memory {
            return Ok(None);
        }
        let mut copy = connection::open_memory()?;
        connection::overwrite(&mut copy, &self.writer())?;
        Ok(Some(Snapshot(copy)))
    }

    /// Makes a workspace of the simulator what it was.
    #[doc(hidden)]
    pub fn fall_back(&self, to: &Snapshot) -> Result<(), StoreError> {
        assert!(self.is_memory, "no workspace of a person is overwritten");
        connection::overwrite(&mut self.writer(), &to.0)
    }

    /// The workspace's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A new id with its prefix, for what must be known before it is written.
    pub fn new_id(&self, prefix: &str) -> String {
        Ids { clock: &*self.environment.clock, entropy: &*self.environment.entropy }.next(prefix)
    }

    /// Clock, randomness, keychain.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The ways to the key that exist.
    pub fn slots(&self) -> MutexGuard<'_, KeySlots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn key(&self) -> &DataKey {
        &self.key
    }

    /// Makes the tags of the suppression list.
    pub fn suppressor(&self) -> Suppressor {
        self.suppressor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A workspace from before there was a suppression list gets a key for it, unless another
    /// program gave it one since the slots were read.
    fn settle_suppressor(&self) -> Result<(), StoreError> {
        let slots = KeySlots::read(&self.dir)?;
        let Some(theirs) = slots.suppressor(&self.key)? else { return self.keep_suppressor(self.suppressor()) };
        *self.slots() = slots;
        *self.suppressor.write().unwrap_or_else(PoisonError::into_inner) = theirs;
        Ok(())
    }

    /// Keeps the key of the suppression list in the key slots.
    pub(crate) fn keep_suppressor(&self, suppressor: Suppressor) -> Result<(), StoreError> {
        self.change_slots(|slots| slots.put_suppressor(&self.key, &suppressor, &*self.environment.entropy))?;
        *self.suppressor.write().unwrap_or_else(PoisonError::into_inner) = suppressor;
        Ok(())
    }

    /// Whether there is a file that a cipher does not cover.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    pub(crate) fn is_memory(&self) -> bool {
        self.is_memory
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let path = self.dir.join(DATABASE);
        if self.is_plain { connection::open_clear(&path) } else { connection::open(&path, &self.key, false) }
    }

    /// Calls `listener` after every commit of this process.
    pub fn on_commit(&self, listener: impl Fn(&Touched) + Send + Sync + 'static) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(listener));
    }

    /// Reads on a connection of its own; never waits for a writer. Everything
    /// inside sees one state of the database.
    pub fn read<T>(&self, read: impl FnOnce(Reader<'_>) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        self.look(|db| read(Reader(db)))
    }

    /// The same with the connection itself, for who narrows what can be read on it.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        if self.is_memory {
            return Ok(look(&mut self.writer())?);
        }
        let _inside = self.gate.enter();
        let pooled = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut db = match pooled {
            Some(db) => db,
            None => self.connect()?,
        };
        db.execute_batch("BEGIN")?;
        let value = look(&mut db);
        connection::check_whole(&db)?;
        db.execute_batch("ROLLBACK")?;
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(db);
        Ok(value?)
    }

    /// The one write door: one IMMEDIATE transaction, one operation, one event.
    /// Gives the operation beside the value, so that just this one can be
    /// undone. An error rolls all of it back. An operation that changes nothing
    /// leaves no trace.
    pub fn write<T, E: From<StoreError>>(
        &self,
        op: Op,
        write: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<(T, Option<OperationId>), E> {
        let (value, op) = self.transact(op, None, None, |tx| write(tx).map(|value| (value, Some(Value::Null))))?;
        let row = op.map(|op| self.read(|r| r.operations().get(op))).transpose()?.flatten();
        Ok((value, row.map(|row| row.id)))
    }

    /// One transaction of an operation that is complete after each of them: what was
    /// written stays when the next does not come. `on` is the operation to go on with;
    /// beside the value comes the one to go on with after it.
    pub fn write_on<T, E: From<StoreError>>(
        &self,
        op: Op,
        on: Option<i64>,
        write: impl FnOnce(&mut Tx<'_>) -> Result<(T, Value), E>,
    ) -> Result<(T, Option<i64>), E> {
        self.transact(op, None, on, |tx| write(tx).map(|(value, counts)| (value, Some(counts))))
    }

    /// Another number whenever another program wrote to the workspace; what this one writes goes
    /// through one connection, and does not count.
    pub fn written_elsewhere(&self) -> Result<i64, StoreError> {
        Ok(self.writer().query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    /// Only one run of a remote at a time; nothing when another program has it.
    pub fn lock_remote(&self, remote: &str) -> Result<Option<Lock>, StoreError> {
        if self.is_memory {
            return Ok(Some(Lock::none()));
        }
        Lock::try_take(&self.dir.join(format!("{remote}.lock")))
    }

    /// Begins an operation of several transactions. Only one at a time in a
    /// workspace: it holds a lock that ends with the process.
    pub fn begin(&self, op: Op) -> Result<LargeOperation<'_>, StoreError> {
        self.begin_reversal(op, None)
    }

    fn begin_reversal(&self, op: Op, reverses: Option<i64>) -> Result<LargeOperation<'_>, StoreError> {
        let lock = Lock::take_soon(&self.dir.join("operation.lock"))?;
        let lock = lock.ok_or(StoreError::InUse(say!("another import or undo is running")))?;
        Ok(LargeOperation { store: self, op, reverses, op_row: None, _lock: lock })
    }

    /// Takes an operation back. Contacts that a person edited since are kept and named.
    pub fn undo(&self, target: &OperationRow, actor: &str, origin: &str) -> Result<UndoReport, StoreError> {
        if target.kind.is_reversal() || target.kind.is_final() || target.state != operation::OpState::Done {
            return Err(StoreError::NothingToUndo(say!("this operation cannot be undone")));
        }
        if target.reversed_by.is_some() {
            return Err(StoreError::NothingToUndo(say!("this operation is already undone")));
        }
        let op = reversal(OpKind::Undo, target, actor, origin);
        self.reverse(target, op, |db, by| operation::set_reversed(db, target.op, by))
    }

    /// Does an undone operation again.
    pub fn redo(&self, target: &OperationRow, actor: &str, origin: &str) -> Result<UndoReport, StoreError> {
        let undo = match target.reversed_by {
            Some(op) => self.read(|r| r.operations().get(op))?,
            None => None,
        };
        let Some(undo) = undo.filter(|undo| undo.kind == OpKind::Undo) else {
            return Err(StoreError::NothingToUndo(say!("this operation is not undone")));
        };
        let op = reversal(OpKind::Redo, target, actor, origin);
        self.reverse(&undo, op, |db, by| {
            operation::set_reversed(db, target.op, None)?;
            operation::set_reversed(db, undo.op, by)
        })
    }

    /// Takes the changes of `target` back, newest first, chunk by chunk.
    fn reverse(
        &self,
        target: &OperationRow,
        op: Op,
        link: impl FnOnce(&Connection, Option<i64>) -> rusqlite::Result<()>,
    ) -> Result<UndoReport, StoreError> {
        let mut reversal = self.begin_reversal(op, Some(target.op))?;
        let mut report = UndoReport::default();
        let mut last = target.last_change;
        while last >= target.first_change {
            let reached = reversal.chunk(|tx| {
                let changes = Changes(tx.db).of_operation(target.op, target.first_change, last, CHUNK)?;
                for change in &changes {
                    let reverted = tx.revert(change)?;
                    report.add(reverted);
                }
                Ok::<_, StoreError>(changes.last().map(|change| change.seq))
            })?;
            match reached {
                Some(seq) => last = seq - 1,
                None => break,
            }
        }
        let counts = report.counts();
        reversal.finish_with(&counts, link)?;
        Ok(report)
    }

    /// Takes back what a process that ended left half done. Nothing happens while one
    /// is at work.
    pub fn take_back_cut(&self) -> Result<(), StoreError> {
        if !self.read(|r| r.operations().open())?.is_empty() {
            self.recover()?;
        }
        Ok(())
    }

    /// One at a time lets the rules act; nothing when another does. With `wait`, a
    /// short look of another is waited for.
    pub fn lock_rules(&self, wait: bool) -> Result<Option<Lock>, StoreError> {
        let path = self.dir.join("rules.lock");
        if wait { Lock::take_soon(&path) } else { Lock::try_take(&path) }
    }

    /// Takes back operations that a crash cut off, and makes the indices that a
    /// bulk load had dropped. Does nothing while a living process is at work.
    fn recover(&self) -> Result<Vec<OperationRow>, StoreError> {
        let Some(lock) = self.lock_operation()? else { return Ok(Vec::new()) };
        let open = Operations(&self.writer()).open()?;
        let mut rolled_back = Vec::new();
        for cut in open {
            // A rollback that was itself cut off is simply begun again.
            if cut.kind == OpKind::Rollback {
                operation::finish(&self.writer(), cut.op, &Value::Null)?;
                continue;
            }
            let op = reversal(OpKind::Rollback, &cut, "cardfile", "recovery");
            let mut large =
                LargeOperation { store: self, op, reverses: Some(cut.op), op_row: None, _lock: Lock::none() };
            let mut last = cut.last_change;
            while last >= cut.first_change {
                let reached = large.chunk(|tx| {
                    let changes = Changes(tx.db).of_operation(cut.op, cut.first_change, last, CHUNK)?;
                    for change in &changes {
                        tx.revert(change)?;
                    }
                    Ok::<_, StoreError>(changes.last().map(|change| change.seq))
                })?;
                match reached {
                    Some(seq) => last = seq - 1,
                    None => break,
                }
            }
            large.finish_with(&Value::Null, |db, by| operation::set_rolled_back(db, cut.op, by))?;
            rolled_back.push(cut);
        }
        schema::ensure_lookups(&self.writer())?;
        drop(lock);
        Ok(rolled_back)
    }

    /// Drops the look-up indices when the table is empty, because building them
    /// after a large load is cheaper. [`Store::end_bulk_load`] makes them again;
    /// after a crash the next start does.
    pub fn begin_bulk_load(&self) -> Result<bool, StoreError> {
        let db = self.writer();
        let (contacts, _) = Contacts(&db).count()?;
        if contacts > 0 {
            return Ok(false);
        }
        schema::drop_lookups(&db)?;
        db.execute_batch("PRAGMA cache_size = -65536")?;
        Ok(true)
    }

    /// See [`Store::begin_bulk_load`].
    pub fn end_bulk_load(&self) -> Result<(), StoreError> {
        let db = self.writer();
        schema::ensure_lookups(&db)?;
        db.execute_batch("PRAGMA cache_size = -16384; PRAGMA wal_checkpoint(PASSIVE)")?;
        Ok(())
    }

    /// Refuses, before anything is written, what will not fit on the disk. The
    /// reserve is not counted as free.
    pub fn check_room(&self, needed: u64) -> Result<(), StoreError> {
        files::check_room(&self.dir, needed)
    }

    /// Checks every page and every reference.
    pub fn verify(&self) -> Result<(), StoreError> {
        connection::verify(&self.writer())
    }

    /// Marks the workspace as written by a later version: for the test that it
    /// is then refused.
    #[doc(hidden)]
    pub fn pretend_schema(&self, version: u32, app: &str) -> Result<(), StoreError> {
        let db = self.writer();
        db.execute("INSERT INTO schema_step (version, app, at) VALUES (?1, ?2, 0)", rusqlite::params![version, app])?;
        Ok(db.pragma_update(None, "user_version", version)?)
    }

    /// Lock of the one door for programs of a workspace; `None` when another program holds it.
    pub fn lock_door(&self) -> Result<Option<Lock>, StoreError> {
        Lock::try_take(&self.dir.join("door.lock"))
    }

    /// Leaves a small file in the workspace that only its owner can read, as a whole.
    pub fn leave_word(&self, name: &str, text: &str) -> Result<PathBuf, StoreError> {
        let path = self.dir.join(name);
        files::put(&path, text.as_bytes())?;
        Ok(path)
    }

    /// Lock of the one window of a workspace; `None` when another window has it.
    pub fn lock_window(dir: &Path) -> Result<Option<Lock>, StoreError> {
        Lock::try_take(&dir.join("window.lock"))
    }

    /// What migration and restore need: no window, no operation.
    fn lock_alone(dir: &Path) -> Result<(Option<Lock>, Lock), StoreError> {
        let operation = Lock::try_take(&dir.join("operation.lock"))?
            .ok_or(StoreError::InUse(say!("another program is writing to it")))?;
        Ok((Lock::try_take(&dir.join("migration.lock"))?, operation))
    }

    fn lock_operation(&self) -> Result<Option<Lock>, StoreError> {
        Lock::try_take(&self.dir.join("operation.lock"))
    }

    pub(crate) fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One transaction. `write` gives its value and, when the operation ends
    /// with this transaction, its counts.
    fn transact<T, E: From<StoreError>>(
        &self,
        op: Op,
        reverses: Option<i64>,
        op_row: Option<i64>,
        write: impl FnOnce(&mut Tx<'_>) -> Result<(T, Option<Value>), E>,
    ) -> Result<(T, Option<i64>), E> {
        let db = self.writer();
        let run = || -> Result<(T, Option<i64>, Touched), E> {
            db.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from)?;
            let ids = Ids { clock: &*self.environment.clock, entropy: &*self.environment.entropy };
            let mut tx = Tx::begin(&db, ids, self.suppressor(), op, reverses, op_row)?;
            let (value, counts) = write(&mut tx)?;
            let op_row = tx.close()?;
            if let (Some(op), Some(counts)) = (op_row, counts) {
                operation::finish(&db, op, &counts).map_err(StoreError::from)?;
            }
            db.execute_batch("COMMIT").map_err(StoreError::from)?;
            Ok((value, op_row, std::mem::take(&mut tx.touched)))
        };
        let result = run();
        if result.is_err() && !db.is_autocommit() {
            let _ = db.execute_batch("ROLLBACK");
        }
        if result.is_err() {
            reserve::release_when_full(&self.dir);
        }
        let (value, op_row, touched) = result?;
        drop(db);
        if !touched.is_empty() {
            for listener in self.listeners.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                listener(&touched);
            }
        }
        Ok((value, op_row))
    }
}

/// Tells a read-only medium from a missing file or a wrong key.
fn open_writable(dir: &Path, path: &Path, key: &DataKey) -> Result<Connection, StoreError> {
    // Even opening needs a page or two for the journal.
    reserve::release_when_full(dir);
    match files::probe(dir) {
        Ok(()) => {}
        Err(_) if reserve::is_full(dir) => return Err(StoreError::DiskFull),
        Err(_) => return Err(StoreError::ReadOnly(dir.to_owned())),
    }
    // SQLite says no more than “I/O error” when its shared memory has no room.
    connection::open(path, key, false).map_err(|error| if reserve::is_full(dir) { StoreError::DiskFull } else { error })
}

fn reversal(kind: OpKind, target: &OperationRow, actor: &str, origin: &str) -> Op {
    Op { kind, subject: target.subject.clone(), actor: actor.into(), origin: origin.into() }
}

/// An operation of several transactions of at most [`CHUNK`] rows each. If it
/// is neither finished nor rolled back, the next start takes it back.
pub struct LargeOperation<'s> {
    store: &'s Store,
    op: Op,
    reverses: Option<i64>,
    op_row: Option<i64>,
    _lock: Lock,
}

impl LargeOperation<'_> {
    /// One transaction of the operation.
    pub fn chunk<T, E: From<StoreError>>(&mut self, write: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let (value, op_row) = self
            .store
            .transact(self.op.clone(), self.reverses, self.op_row, |tx| write(tx).map(|value| (value, None)))?;
        self.op_row = op_row;
        Ok(value)
    }

    /// Ends the operation. Returns it, unless it changed nothing.
    pub fn finish(self, counts: &Value) -> Result<Option<OperationRow>, StoreError> {
        self.finish_with(counts, |_, _| Ok(()))
    }

    fn finish_with(
        self,
        counts: &Value,
        link: impl FnOnce(&Connection, Option<i64>) -> rusqlite::Result<()>,
    ) -> Result<Option<OperationRow>, StoreError> {
        let db = self.store.writer();
        let tx = db.unchecked_transaction()?;
        if let Some(op) = self.op_row {
            operation::finish(&tx, op, counts)?;
        }
        link(&tx, self.op_row)?;
        let row = self.op_row.map(|op| Operations(&tx).get(op)).transpose()?.flatten();
        tx.commit()?;
        Ok(row)
    }

    /// Takes back what was written so far: the person cancelled, or it failed.
    pub fn roll_back(self) -> Result<(), StoreError> {
        let store = self.store;
        drop(self);
        store.recover().map(drop)
    }
}
