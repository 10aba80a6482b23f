//! `cardfile`: the same use cases from a terminal, on the same workspace as the
//! window. Data goes to stdout, errors to stderr; exit codes are a contract:
//! 0 done, 1 done with rejects, 2 wrong usage, 3 refused, 4 a person has to agree first.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program prints")]

mod agents;
mod automations;
mod backups;
mod bulk;
mod conflicts;
mod duplicates;
mod gateway;
mod identity;
mod identity_keys;
mod keys;
mod leads;
mod mail;
mod output;
mod parts;
mod permissions;
mod privacy_consent;
mod privacy_dsar;
mod privacy_erase;
mod privacy_register;
mod privacy_requests;
mod privacy_retention;
mod remote_setup;
mod remotes;
mod secrets;
mod segments;
mod spaces;
mod unlock;
mod webhooks;

use cardfile_core::{
    Code, Core, Error, Protection, Who, bin, contact,
    domain::import::Policy,
    export::{self, ExportFormat, ExportRequest},
    formats::csv_export::{Options, Preset, Profile},
    generate, history,
    import::{self, ImportRequest},
    progress::Progress,
    recipes,
    sync::running,
    system,
    view::{self, ViewRequest},
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

#[derive(Parser)]
#[command(name = "cardfile", version, about = "A local, encrypted contact database.")]
struct Cli {
    /// Folder of the workspace; by default one in your data folder.
    #[arg(long, global = true, value_name = "DIR")]
    workspace: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a new workspace.
    Init {
        /// Without protection: anyone at this computer can open it.
        #[arg(long)]
        unprotected: bool,
    },
    /// Import a contact file.
    Import(ImportArgs),
    /// Export contacts to a file.
    Export(ExportArgs),
    /// List contacts; one JSON object a line with --json.
    List {
        /// A filter: source:widget,api seen:<30d (stage:qualified or tag:vip)
        #[arg(long, default_value = "", value_name = "TEXT")]
        filter: String,
        /// A saved view instead of a filter.
        #[arg(long, value_name = "NAME", conflicts_with = "filter")]
        segment: Option<String>,
        /// Column to sort by; - in front means descending, as in --sort=-last_seen.
        #[arg(long, allow_hyphen_values = true, value_delimiter = ',')]
        sort: Vec<String>,
        #[arg(long)]
        limit: Option<usize>,
        #[arg(long)]
        json: bool,
    },
    /// Find contacts by any part of a name, email, phone, company or tag, or by id.
    Search {
        text: String,
        #[arg(long, default_value_t = 50)]
        limit: usize,
        #[arg(long)]
        json: bool,
    },
    /// Show one contact, by our id or an external ID.
    Show {
        id: String,
        #[arg(long)]
        json: bool,
    },
    /// The same deed on everything a filter lets through, undone in one step.
    Bulk(bulk::BulkArgs),
    /// Views with a name.
    #[command(subcommand)]
    Segment(segments::SegmentCommand),
    /// Automation rules: when something happens, tag, set a stage, make a task, archive.
    #[command(subcommand)]
    Automation(automations::AutomationCommand),
    /// Cards that may be one person.
    #[command(subcommand)]
    Duplicate(duplicates::DuplicateCommand),
    /// Notes of the team.
    #[command(subcommand)]
    Note(parts::NoteCommand),
    /// Things to be done, once or again and again.
    #[command(subcommand)]
    Task(parts::TaskCommand),
    /// What is kept in mind about a contact.
    #[command(subcommand)]
    Memory(parts::MemoryCommand),
    /// People out of a mailbox.
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Conversations and their messages.
    #[command(subcommand)]
    Conversation(parts::ConversationCommand),
    /// What a contact thought of replies.
    #[command(subcommand)]
    Rating(parts::RatingCommand),
    /// By what a payment provider knows a contact.
    #[command(subcommand)]
    Payment(parts::PaymentCommand),
    /// Files of a card.
    #[command(subcommand)]
    Space(spaces::SpaceCommand),
    /// The picture of a card.
    #[command(subcommand)]
    Avatar(spaces::AvatarCommand),
    /// Credentials of a card, sealed.
    #[command(subcommand)]
    Secret(secrets::SecretCommand),
    /// What agents may look up for whom.
    #[command(subcommand)]
    Permission(permissions::PermissionCommand),
    /// Who a contact is.
    #[command(subcommand)]
    Identity(identity::IdentityCommand),
    /// Make a card part of another, with its whole history.
    Link(identity::LinkArgs),
    /// Take what other programs tell: leads, events, actions, conversations.
    Ingest(identity::IngestArgs),
    /// Programs that may know of whom they talk with what you approve.
    #[command(subcommand)]
    Agent(agents::AgentCommand),
    /// Answer one of them over the standard input and output (Model Context Protocol).
    Mcp {
        /// Id or name of the client.
        #[arg(long)]
        client: String,
    },
    /// Outside systems that contacts are kept in step with.
    #[command(subcommand)]
    Remote(remotes::RemoteCommand),
    /// Bring both sides into step.
    Sync(remotes::SyncArgs),
    /// What waits for a person: changed on both sides, perhaps another person's, or refused.
    #[command(subcommand)]
    Conflicts(conflicts::ConflictCommand),
    /// Other programs that are told when something happens to a contact.
    #[command(subcommand)]
    Webhook(webhooks::WebhookCommand),
    /// Outside systems that may say that something changed there.
    #[command(subcommand)]
    Hint(webhooks::HintCommand),
    /// A folder of which every contact file is imported.
    #[command(subcommand)]
    Drop(webhooks::DropCommand),
    /// Open the door for other programs on this computer: REST, ingest, identity.
    Serve(gateway::ServeArgs),
    /// Clients that may come in, each with a token.
    #[command(subcommand)]
    Token(gateway::TokenCommand),
    /// Leads of other programs that may be of somebody who is here.
    #[command(subcommand)]
    Lead(leads::LeadCommand),
    /// Erase a person for ever, and write a receipt.
    Erase(privacy_erase::EraseArgs),
    /// Erasures: receipts, recipients, and who stays away.
    #[command(subcommand)]
    Erasure(privacy_erase::ErasureCommand),
    /// Answer who asks which data are kept about them (GDPR, Art. 15).
    #[command(subcommand)]
    Dsar(privacy_dsar::DsarCommand),
    /// Check the answer to an access request: that it is whole, and who signed it.
    Verify(privacy_dsar::VerifyArgs),
    /// What people demand of their data: the register, with days and decisions.
    #[command(subcommand)]
    Request(privacy_requests::RequestCommand),
    /// What contacts are kept and used for.
    #[command(subcommand)]
    Purpose(privacy_consent::PurposeCommand),
    /// What contacts said of purposes.
    #[command(subcommand)]
    Consent(privacy_consent::ConsentCommand),
    /// What may not be done with a card.
    #[command(subcommand)]
    Restriction(privacy_consent::RestrictionCommand),
    /// How long what is kept.
    #[command(subcommand)]
    Retention(privacy_retention::RetentionCommand),
    /// The register of processing.
    #[command(subcommand)]
    Processing(privacy_register::ProcessingCommand),
    /// What was done for the privacy of people, each entry bound to the one before.
    #[command(subcommand)]
    Audit(privacy_register::AuditCommand),
    /// Who is affected when something is lost or read by strangers.
    Breach(privacy_register::BreachArgs),
    /// Find messages, notes and memories by any part of their text.
    Texts {
        text: String,
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Remove everything that is in the bin.
    EmptyBin,
    /// Show what was done, newest first.
    History {
        #[arg(long, default_value_t = 20)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
    /// Undo the latest operation, or the operation or sync run named.
    Undo {
        operation: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Do an undone operation again.
    Redo {
        operation: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Write an encrypted copy of the workspace to one file.
    Backup(backups::BackupArgs),
    /// Restore a backup into a new folder, or in the place of the workspace.
    Restore(backups::RestoreArgs),
    /// Backups that there are, and when they are made.
    #[command(subcommand)]
    Backups(backups::BackupsCommand),
    /// What opens the workspace.
    #[command(subcommand)]
    Key(keys::KeyCommand),
    /// Check every page of the workspace and every reference in it.
    Check,
    /// Copy what can be read of a damaged workspace into a new folder.
    Salvage(backups::SalvageArgs),
    /// Write made-up people to a CSV file; the same for the same seed.
    Generate {
        #[arg(long)]
        rows: u64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Args)]
struct ImportArgs {
    file: PathBuf,
    /// How contacts that are here may change.
    #[arg(long, value_enum, default_value_t = PolicyArg::Fill)]
    policy: PolicyArg,
    /// Say what would happen and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Where the records that are not taken go; beside the file by default.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum PolicyArg {
    /// Only what is empty is filled.
    Fill,
    /// The file wins over the card.
    Newest,
}

#[derive(Args)]
struct ExportArgs {
    file: PathBuf,
    #[arg(long, value_enum, default_value_t = FormatArg::Csv)]
    format: FormatArg,
    #[arg(long, value_enum, default_value_t = PresetArg::Reference)]
    preset: PresetArg,
    #[arg(long, value_enum, default_value_t = ProfileArg::Program)]
    profile: ProfileArg,
    /// Only these contacts: source:widget seen:<30d
    #[arg(long, default_value = "", value_name = "TEXT")]
    filter: String,
    /// The contacts of a saved view, in its order.
    #[arg(long, value_name = "NAME", conflicts_with = "filter")]
    segment: Option<String>,
    /// An export with a name: "HubSpot import", "Mail merge" or one that was saved.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["format", "preset", "columns", "segment"])]
    recipe: Option<String>,
    /// These columns in this order, instead of a preset.
    #[arg(long, value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// Between cells of a CSV: one character, or tab.
    #[arg(long, default_value = ",", value_parser = separator)]
    delimiter: u8,
    /// Delete the file again after so many hours, if nobody changed it; an open
    /// window does it.
    #[arg(long, value_name = "HOURS", default_value_t = 0)]
    expire: u32,
    /// Begin a CSV with a byte order mark, for old Excel.
    #[arg(long)]
    bom: bool,
    /// What the file is for: whoever may not be used for it is left out. Of a saved view it is
    /// that of the view.
    #[arg(long, value_name = "PURPOSE")]
    purpose: Option<String>,
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// Rows.
    Csv,
    /// A workbook of texts: no formula, no lost zero.
    Xlsx,
    /// Typed columns for analysts.
    Parquet,
    /// Cards of version 4.
    Vcard,
    /// One JSON object a line.
    Ndjson,
    /// The same with every part of the card: notes, tasks, conversations, files.
    Everything,
}

fn separator(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" | b"\t" => Ok(b'\t'),
        [one] if one.is_ascii() && !matches!(one, b'"' | b'\n' | b'\r') => Ok(*one),
        _ => Err("one character, or tab".into()),
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum PresetArg {
    /// The twelve columns of the reference layout.
    Reference,
    /// Everything that is stored.
    Complete,
}

#[derive(Clone, Copy, ValueEnum)]
enum ProfileArg {
    /// Values as they are.
    Program,
    /// Formulas guarded, reversibly.
    Spreadsheet,
}

fn main() -> ExitCode {
    end_with_the_reader();
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cardfile: {}", error.message);
            if let Some(hint) = &error.hint {
                eprintln!("{hint}");
            }
            ExitCode::from(match error.code {
                Code::BadRequest | Code::BadFile | Code::NotFound | Code::NothingToUndo => 2,
                Code::Cancelled
                | Code::Damaged
                | Code::DiskFull
                | Code::Internal
                | Code::InUse
                | Code::Locked
                | Code::NewerSchema
                | Code::NoWorkspace
                | Code::NotEmpty
                | Code::ReadOnly
                | Code::Refused
                | Code::SignIn
                | Code::Unreachable
                | Code::WrongKey => 3,
            })
        }
    }
}

/// Who reads the output may have enough of it, as `head` has: that is no fault.
fn end_with_the_reader() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        if said.is_some_and(|said| said.starts_with("failed printing to") && said.contains("os error 32")) {
            std::process::exit(0);
        }
        hook(panic);
    }));
}

fn run(cli: Cli) -> Result<ExitCode, Error> {
    let who = Who::cli();
    let dir = cli.workspace.unwrap_or_else(system::default_workspace);
    match cli.command {
        Command::Init { unprotected } => {
            let environment = system::environment();
            let protection = if unprotected { Protection::None } else { unlock::protection(&environment)? };
            let (_, code) = Core::create(&dir, &protection, environment)?;
            eprintln!("Workspace made in {}", dir.display());
            if let Some(code) = code {
                eprintln!("Recovery code, shown once: it opens the workspace when every other key is lost.");
                println!("{}", code.as_str());
            }
        }
        Command::Import(args) => return import_file(&unlock::open(&dir)?, args, &who),
        Command::Export(args) => export_file(&unlock::open(&dir)?, args, &who)?,
        Command::List { filter, segment, sort, limit, json } => {
            let core = unlock::open(&dir)?;
            let mut request = match segment {
                Some(name) => segments::view(&core, &name)?,
                None => ViewRequest { filter, ..ViewRequest::default() },
            };
            if !sort.is_empty() {
                request.sort = sort;
            }
            let (_, mut rows) = view::resolve(&core, &request)?;
            rows.truncate(limit.unwrap_or(usize::MAX));
            for chunk in rows.chunks(500) {
                for stored in view::contacts(&core, chunk)?.into_iter().flatten() {
                    output::line(&stored.contact, json);
                }
            }
        }
        Command::Search { text, limit, json } => {
            let request = ViewRequest { query: text, sort: vec!["name".into()], ..ViewRequest::default() };
            let core = unlock::open(&dir)?;
            let (_, mut rows) = view::resolve(&core, &request)?;
            let total = rows.len();
            rows.truncate(limit);
            output::found(total, &view::contacts(&core, &rows)?, json);
        }
        Command::Show { id, json } => output::contact(&contact::find(&unlock::open(&dir)?, &id)?.contact, json),
        Command::Bulk(args) => bulk::bulk(&dir, args, &who)?,
        Command::Automation(command) => automations::automation(&dir, command, &who)?,
        Command::Segment(command) => segments::segment(&dir, command, &who)?,
        Command::Duplicate(command) => duplicates::duplicate(&dir, command, &who)?,
        Command::Note(command) => parts::note(&dir, command, &who)?,
        Command::Task(command) => parts::task(&dir, command, &who)?,
        Command::Memory(command) => parts::memory(&dir, command, &who)?,
        Command::Mail(command) => {
            if mail::mail(&dir, command, &who)? {
                return Ok(ExitCode::from(1));
            }
        }
        Command::Conversation(command) => {
            if parts::conversation(&dir, command, &who)? {
                return Ok(ExitCode::from(1));
            }
        }
        Command::Rating(command) => parts::rating(&dir, command, &who)?,
        Command::Payment(command) => parts::payment(&dir, command, &who)?,
        Command::Space(command) => spaces::space(&dir, command, &who)?,
        Command::Avatar(command) => spaces::avatar(&dir, command, &who)?,
        Command::Secret(command) => secrets::secret(&dir, command, &who)?,
        Command::Permission(command) => permissions::permission(&dir, command, &who)?,
        Command::Identity(command) => identity::identity(&dir, command, &who)?,
        Command::Link(args) => identity::link(&dir, args, &who)?,
        Command::Ingest(args) => {
            if identity::ingest(&dir, args, &who)? {
                return Ok(ExitCode::from(1));
            }
        }
        Command::Agent(command) => agents::agent(&dir, command, &who)?,
        Command::Mcp { client } => agents::mcp(&dir, &client)?,
        Command::Remote(command) => remotes::remote(&dir, command, &who)?,
        Command::Sync(args) => return remotes::sync(&dir, args, &who),
        Command::Conflicts(command) => conflicts::conflict(&dir, command, &who)?,
        Command::Webhook(command) => webhooks::webhook(&dir, command, &who)?,
        Command::Hint(command) => webhooks::hint(&dir, command, &who)?,
        Command::Drop(command) => {
            if webhooks::drop_folder(&dir, command, &who)? {
                return Ok(ExitCode::from(1));
            }
        }
        Command::Serve(args) => gateway::serve(&dir, args)?,
        Command::Token(command) => gateway::token(&dir, command, &who)?,
        Command::Lead(command) => leads::lead(&dir, command, &who)?,
        Command::Erase(args) => return privacy_erase::erase(&dir, args, &who),
        Command::Erasure(command) => privacy_erase::erasure(&dir, command, &who)?,
        Command::Dsar(command) => privacy_dsar::dsar(&dir, command, &who)?,
        Command::Verify(args) => return privacy_dsar::verify(args),
        Command::Request(command) => privacy_requests::request(&dir, command, &who)?,
        Command::Purpose(command) => privacy_consent::purpose(&dir, command, &who)?,
        Command::Consent(command) => privacy_consent::consent(&dir, command, &who)?,
        Command::Restriction(command) => privacy_consent::restriction(&dir, command, &who)?,
        Command::Retention(command) => privacy_retention::retention(&dir, command, &who)?,
        Command::Processing(command) => privacy_register::processing(&dir, command, &who)?,
        Command::Audit(command) => privacy_register::audit(&dir, command, &who)?,
        Command::Breach(args) => privacy_register::breach(&dir, args, &who)?,
        Command::Texts { text, limit } => {
            for hit in unlock::open(&dir)?.store().read(|r| r.texts().find(&text, limit)).map_err(Error::from)? {
                let (before, found, after) = cardfile_core::domain::text::excerpt(&hit.text, &text);
                let owner = hit.contact.map_or_else(|| "nobody known".to_owned(), |(_, name)| name);
                println!("{}  {owner}: {before}{found}{after}", hit.conversation.unwrap_or(hit.id));
            }
        }
        Command::EmptyBin => {
            let (removed, operation) = bin::empty(&unlock::open(&dir)?, &who, &Terminal)?;
            println!("{removed:>9} contacts removed");
            if let Some(operation) = operation {
                println!("Undo with: cardfile undo {operation}");
            }
        }
        Command::History { limit, json } => output::operations(&history::list(&unlock::open(&dir)?, limit)?, json),
        Command::Undo { operation, json } => {
            let core = unlock::open(&dir)?;
            // A sync run is named by itself.
            let operation = match operation {
                Some(run) if run.starts_with("run_") => Some(running::operation_of(&core, &run)?.to_string()),
                other => other,
            };
            output::reversal("Undone", &history::undo(&core, operation.as_deref(), &who)?, json);
        }
        Command::Redo { operation, json } => {
            output::reversal("Done again", &history::redo(&unlock::open(&dir)?, operation.as_deref(), &who)?, json);
        }
        Command::Backup(args) => backups::backup(&dir, &args)?,
        Command::Restore(args) => backups::restore(&dir, &args)?,
        Command::Backups(command) => return backups::backups(&dir, command),
        Command::Key(command) => return keys::key(&dir, command),
        Command::Salvage(args) => return backups::salvage(&dir, &args),
        Command::Check => {
            unlock::open(&dir)?.store().verify().map_err(Error::from)?;
            println!("Every page and every reference is whole.");
        }
        Command::Generate { rows, seed, out } => {
            let fail = |e: std::io::Error| Error::io(&out, &e);
            let file = std::fs::File::create(&out).map_err(fail)?;
            generate::write_csv(&mut std::io::BufWriter::new(file), rows, seed).map_err(fail)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn import_file(core: &Core, args: ImportArgs, who: &Who) -> Result<ExitCode, Error> {
    let request = ImportRequest {
        policy: match args.policy {
            PolicyArg::Fill => Policy::Fill,
            PolicyArg::Newest => Policy::Newest,
        },
        rejects: args.rejects,
        ..ImportRequest::of(args.file)
    };
    let report = if args.dry_run {
        let plan = import::plan(core, &request, &Terminal)?;
        output::plan(&plan, args.json);
        plan.counts
    } else {
        let report = import::run(core, &request, who, &Terminal)?;
        output::import(&report, args.json);
        report.counts
    };
    Ok(if report.rejected > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn export_file(core: &Core, args: ExportArgs, who: &Who) -> Result<(), Error> {
    let preset = match (args.columns, args.preset) {
        (Some(columns), _) => Preset::Columns(columns),
        (None, PresetArg::Reference) => Preset::Reference,
        (None, PresetArg::Complete) => Preset::Complete,
    };
    let profile = match args.profile {
        ProfileArg::Program => Profile::Program,
        ProfileArg::Spreadsheet => Profile::Spreadsheet,
    };
    let request = match &args.segment {
        Some(name) => Some(segments::view(core, name)?),
        None if args.filter.trim().is_empty() => None,
        None => Some(ViewRequest { filter: args.filter.clone(), ..ViewRequest::default() }),
    };
    if let Some(name) = &args.recipe {
        let mut recipe = recipes::find(core, name)?;
        if let Some(request) = &request {
            recipe.filter.clone_from(&request.filter);
        }
        let (hours, purpose) = (args.expire, args.purpose);
        let request = ExportRequest { hours, purpose, ..recipes::request(core, &recipe, args.file)? };
        output::export(&export::run(core, &request, who, &Terminal)?, args.json);
        return Ok(());
    }
    // The log says which contacts they were, also after the view is changed.
    let (what, bound) = match &args.segment {
        Some(name) => {
            let segment = cardfile_core::segments::find(core, name)?;
            (segment.said(), cardfile_core::segments::purpose_of(core, &segment)?.map(|purpose| purpose.key))
        }
        None => (args.filter.clone(), None),
    };
    let rows = request.as_ref().map(|request| view::resolve(core, request)).transpose()?.map(|(_, rows)| rows);
    let format = match args.format {
        FormatArg::Xlsx => ExportFormat::Xlsx(preset),
        FormatArg::Parquet => ExportFormat::Parquet(preset),
        FormatArg::Csv => ExportFormat::Csv(Options { preset, profile, separator: args.delimiter, bom: args.bom }),
        FormatArg::Vcard => ExportFormat::Vcard,
        FormatArg::Ndjson => ExportFormat::Ndjson,
        FormatArg::Everything => ExportFormat::Everything,
    };
    let purpose = args.purpose.or(bound);
    let request = ExportRequest { file: args.file, format, rows, what, hours: args.expire, purpose };
    output::export(&export::run(core, &request, who, &Terminal)?, args.json);
    Ok(())
}

/// Progress on a terminal, nothing in a script.
struct Terminal;

impl Progress for Terminal {
    fn at(&self, done: u64, total: u64) -> bool {
        let mut err = std::io::stderr();
        if err.is_terminal() {
            let _ = write!(err, "\r{done} of {total}");
            let _ = err.flush();
        }
        true
    }
}
