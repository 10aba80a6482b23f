//! A PostgreSQL of its own for each test, made from the programs that Debian installs: on
//! loopback, in a temporary folder. Tests cannot share one: a transaction that is open
//! anywhere on a server holds up what all its databases tell.

use crate::peers::free_address;
use cardfile_connectors::{Account, Opening, Stop, connector, postgres::SCHEMA};
use cardfile_sync::{remote::Remote, run::Failure};
use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

/// Where Debian puts a folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";
const ADMIN: &str = "admin";
/// Of everybody: who they are is told by their name.
pub const PASSWORD: &str = "correct horse";

/// A server that runs.
pub struct Server {
    folder: TempDir,
    programs: PathBuf,
    /// Whom it runs as, where we are root: the programs refuse that.
    owner: Option<(u32, u32)>,
    /// Where it listens.
    pub port: u16,
}

impl Server {
    /// A new one, which is there when this returns.
    pub fn start() -> Arc<Self> {
        let folder = tempfile::Builder::new().prefix("pg").tempdir().expect("a temporary folder");
        let is_root = fs::metadata(folder.path()).expect("a folder").uid() == 0;
        let owner = is_root.then(|| numbers_of("postgres").or_else(|| numbers_of("nobody")).expect("another user"));
        let secret = folder.path().join("password");
        fs::write(&secret, PASSWORD).expect("a file");
        if let Some((user, group)) = owner {
            for path in [folder.path(), &secret] {
                chown(path, Some(user), Some(group)).expect("root gives its files away");
            }
        }
        let server = Self { folder, programs: programs(), owner, port: free_address().port() };
        let secret = secret.to_string_lossy().into_owned();
        let made = ["--username", ADMIN, "--auth", "scram-sha-256", "--pwfile", &secret, "--encoding", "UTF8"];
        server.run("initdb", &[&made[..], &["--locale", "C", "--no-sync"]].concat());
        let sockets = server.folder.path().display();
        let settings = format!(
            "-c port={} -c listen_addresses=127.0.0.1 -c unix_socket_directories={sockets} \
             -c fsync=off -c autovacuum=off",
            server.port
        );
        let log = server.folder.path().join("log").to_string_lossy().into_owned();
        server.run("pg_ctl", &["--wait", "--log", &log, "--options", &settings, "start"]);
        Arc::new(server)
    }

    /// A database with our tables.
    pub fn database(self: &Arc<Self>, name: &str) -> Database {
        let database = self.bare_database(name);
        database.admin().run(SCHEMA);
        database
    }

    /// A database without any.
    pub fn bare_database(self: &Arc<Self>, name: &str) -> Database {
        Sql::open(self, "postgres", ADMIN).run(&format!("CREATE DATABASE {name}"));
        Database { server: Arc::clone(self), name: name.to_owned() }
    }

    fn run(&self, program: &str, args: &[&str]) {
        let status = self.command(program, args).status().expect("the program starts");
        assert!(status.success(), "{program}: {status}");
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        #[expect(clippy::disallowed_methods, reason = "the tests bring their own server")]
        let mut command = Command::new(self.programs.join(program));
        command.arg("--pgdata").arg(self.folder.path().join("data")).args(args);
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may never have come up.
        let _ = self.command("pg_ctl", &["--mode", "immediate", "--wait", "stop"]).status();
    }
}

/// The newest that is installed.
fn programs() -> PathBuf {
    let number = |folder: &PathBuf| folder.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let installed = fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.path());
    let newest =
        installed.filter(|folder| number(folder).is_some()).max_by_key(number).map(|folder| folder.join("bin"));
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let candidates = newest.into_iter().chain(std::env::split_paths(&paths));
    let found = candidates.into_iter().find(|folder: &PathBuf| folder.join("initdb").exists());
    found.expect("these tests need the package postgresql")
}

/// The numbers of a user and of its group.
fn numbers_of(user: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string(Path::new("/etc/passwd")).ok()?;
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == user)?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

/// A database.
pub struct Database {
    /// Whose it is.
    pub server: Arc<Server>,
    name: String,
}

impl Database {
    /// Whoever may do everything.
    pub fn admin(&self) -> Sql {
        Sql::open(&self.server, &self.name, ADMIN)
    }

    /// Somebody new, who is a member of these workspaces.
    pub fn person(&self, name: &str, workspaces: &[&str]) {
        let admin = self.admin();
        admin.run(&format!("CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'"));
        admin.run(&format!("GRANT cardfile_user TO {name}"));
        for workspace in workspaces {
            admin.run(&format!("INSERT INTO cardfile.member (workspace, role) VALUES ('{workspace}', '{name}')"));
        }
    }

    /// Somebody at a terminal.
    pub fn sql(&self, name: &str) -> Sql {
        Sql::open(&self.server, &self.name, name)
    }

    /// The address that a person types; it says nothing of who signs in.
    pub fn url(&self) -> String {
        format!("postgresql://127.0.0.1:{}/{}", self.server.port, self.name)
    }

    /// What a connector is given of somebody.
    pub fn account(&self, name: &str) -> Account {
        Account { url: self.url(), user: name.to_owned(), password: PASSWORD.to_owned() }
    }

    /// The workspace `sales` as the device of this name sees it.
    pub fn remote(&self, name: &str) -> Box<dyn Remote> {
        open(self.account(name), "sales", name).unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    /// The same, read by time.
    pub fn remote_by_time(&self, name: &str) -> Box<dyn Remote> {
        let account = Account { url: format!("{}?feed=time", self.url()), ..self.account(name) };
        open(account, "sales", name).unwrap_or_else(|failure| panic!("{failure:?}"))
    }
}

/// A workspace as any connector opens it.
pub fn open(account: Account, workspace: &str, device: &str) -> Result<Box<dyn Remote>, Failure> {
    let connector = connector("postgres").expect("it is one of the connectors");
    let (place, device) = (workspace.to_owned(), device.to_owned());
    (connector.open)(Opening {
        account,
        place,
        device,
        stamps: false,
        region: None,
        stop: Stop::default(),
        ..Opening::default()
    })
}

/// Somebody who talks SQL.
pub struct Sql {
    runtime: Runtime,
    client: Client,
}

impl Sql {
    fn open(server: &Server, database: &str, login: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut config = Config::new();
        config.host_path(server.folder.path()).port(server.port).dbname(database).user(login).password(PASSWORD);
        let (client, connection) = runtime.block_on(config.connect(NoTls)).expect("a server");
        runtime.spawn(async move { drop(connection.await) });
        Self { runtime, client }
    }

    /// Sends statements.
    pub fn run(&self, sql: &str) {
        self.attempt(sql).unwrap_or_else(|said| panic!("{sql}: {said}"));
    }

    /// What the server says against it, if it does.
    pub fn attempt(&self, sql: &str) -> Result<(), String> {
        let done = self.runtime.block_on(self.client.batch_execute(sql));
        done.map_err(|error| error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned()))
    }

    /// The first value of the answer; nothing for null, and for no row.
    pub fn one(&self, sql: &str) -> String {
        let answer = self.runtime.block_on(self.client.simple_query(sql)).expect("an answer");
        let row = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        row.and_then(|row| row.get(0)).unwrap_or_default().to_owned()
    }
}
