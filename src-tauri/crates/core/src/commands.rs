//! The command table. A command is one line here and one function in a file of its topic: the
//! line gives the desktop call, the TypeScript types and the cache rule.

mod agents;
mod answer;
mod automations;
mod backups;
mod bulk;
mod cells;
mod conflicts;
mod contacts;
mod conversations;
mod desktop;
mod duplicates;
mod export;
mod fields;
mod history;
mod identity;
mod import;
mod insights;
mod keys;
mod leads;
mod mail;
mod parts;
mod permissions;
mod privacy_consent;
mod privacy_draft;
mod privacy_dsar;
mod privacy_erasure;
mod privacy_register;
mod privacy_requests;
mod privacy_retention;
mod remote_setup;
mod remote_team;
mod remotes;
mod secrets;
mod segments;
mod spaces;
mod webhooks;
mod workspace;

#[allow(clippy::wildcard_imports, reason = "the table below is the list of what is in these files")]
use self::{
    agents::*, answer::*, automations::*, backups::*, bulk::*, cells::*, conflicts::*, contacts::*, conversations::*,
    desktop::*, duplicates::*, export::*, fields::*, history::*, identity::*, import::*, insights::*, keys::*,
    leads::*, mail::*, parts::*, permissions::*, privacy_consent::*, privacy_draft::*, privacy_dsar::*,
    privacy_erasure::*, privacy_register::*, privacy_requests::*, privacy_retention::*, remote_setup::*, remotes::*,
    secrets::*, segments::*, spaces::*, webhooks::*, workspace::*,
};
use crate::{
    desktop::MenuView,
    error::Error,
    export::ExportReport,
    facets::Facets,
    history::ReversalView,
    privacy::erasure::Receipt,
    quick_add::QuickAdd,
    session::{Created, Event, ProtectBy, Session, SessionView, Tag},
    sync::rules::RulePreview,
    view::{ViewOpened, ViewRequest},
};
use cardfile_domain::{Sentence, say};
use serde_json::Value;
use std::collections::BTreeMap;
use ts_rs::TS;

macro_rules! commands {
    ($( $name:ident ( $req:ty ) -> $res:ty $( , invalidates [ $($tag:ident),* ] )? ; )*) => {
        /// Every command with the answers it makes out of date.
        pub const COMMANDS: &[(&str, &[Tag])] = &[ $( (stringify!($name), &[ $( $(Tag::$tag),* )? ]) ),* ];

        /// Calls a command by name. A successful write tells the window which
        /// answers are out of date.
        pub fn dispatch(session: &Session, name: &str, payload: Value) -> Result<Value, Error> {
            let (value, tags): (Value, &[Tag]) = match name {
                $( stringify!($name) => {
                    let request: $req = serde_json::from_value(payload)
                        .map_err(|e| Error::bad_request(say!("{name}: {why}", name, why = e.to_string())))?;
                    let view: $res = $name(session, request)?;
                    let value = serde_json::to_value(view).map_err(|e| Error::bad_request(Sentence::verbatim(e)))?;
                    (value, &[ $( $(Tag::$tag),* )? ])
                } )*
                _ => return Err(Error::bad_request(say!("there is no command {name}", name))),
            };
            if !tags.is_empty() {
                session.tell(Event::Stale { tags: tags.to_vec() });
            }
            Ok(value)
        }

        /// The TypeScript side of the table.
        pub fn bindings() -> String {
            let mut types = Types::default();
            let mut table = String::new();
            $( {
                types.add::<$req>();
                types.add::<$res>();
                let (request, response) = (types.name::<$req>(), types.name::<$res>());
                table.push_str(&format!("  {}: {{ request: {request}; response: {response} }};\n", stringify!($name)));
            } )*
            types.add::<Event>();
            types.add::<Error>();
            types.finish(&table)
        }
    };
}

commands! {
    session_get(Nothing) -> SessionView;
    // The window goes on only after the recovery code was shown: it asks again itself.
    workspace_create(ProtectBy) -> Created;
    workspace_unlock(Unlock) -> Nothing, invalidates [Workspace, Contacts, Facets, History, Settings];
    workspace_lock(Nothing) -> Nothing, invalidates [Workspace];
    workspace_list(Nothing) -> WorkspacesView;
    workspace_switch(Switch) -> Nothing, invalidates [Workspace, Contacts, Facets, History, Exports, Settings];
    view_open(ViewRequest) -> ViewOpened;
    view_rows(RowsRequest) -> RowsView;
    view_count(CountRequest) -> CountsView;
    segment_list(Nothing) -> SegmentsView;
    segment_put(SegmentParts) -> Made, invalidates [Segments, History];
    segment_review(SegmentRef) -> Made, invalidates [Segments, History];
    board_get(Nothing) -> BoardView;
    automation_list(Nothing) -> AutomationsView;
    automation_put(AutomationParts) -> Made, invalidates [Parts, History];
    automation_preview(AutomationParts) -> AutomationPreview;
    automation_on(AutomationRef) -> BulkDone, invalidates [Parts, Contacts, Facets, History, Workspace];
    automation_off(AutomationRef) -> Changed, invalidates [Parts, History];
    insight_get(InsightsRequest) -> InsightsView;
    facets_get(Nothing) -> Facets;
    contact_get(ContactRef) -> ContactView;
    contact_create(NewContact) -> Made, invalidates [Contacts, Facets, History, Workspace];
    contact_edit(EditContact) -> Changed, invalidates [Contacts, Facets, History, Workspace];
    contact_bin(ContactRefs) -> Changed, invalidates [Contacts, Facets, History, Workspace];
    contact_restore(ContactRefs) -> Changed, invalidates [Contacts, Facets, History, Workspace];
    contact_verify(Verify) -> Changed, invalidates [Contacts, History];
    field_restore(RestoreField) -> Changed, invalidates [Contacts, Facets, History, Workspace];
    link_preview(ChangeLink) -> LinkChangeView;
    link_change(ChangeLink) -> Changed, invalidates [Contacts, History, Workspace];
    join_preview(JoinRequest) -> JoinView;
    join_run(JoinRequest) -> Made, invalidates [Parts, Contacts, Facets, History, Workspace];
    visitor_get(Nothing) -> VisitorsView;
    visitor_set(VisitorSource) -> Nothing, invalidates [Settings];
    duplicate_find(Nothing) -> LookedView, invalidates [Duplicates];
    duplicate_list(Nothing) -> DuplicatesView;
    duplicate_distinguish(PairRef) -> Changed, invalidates [Duplicates, History];
    combine_preview(CombineRequest) -> CombineView;
    combine_run(CombineRequest) -> Made, invalidates [Parts, Contacts, Facets, History, Workspace];
    bulk_run(BulkRequest) -> BulkDone, invalidates [Contacts, Facets, History, Workspace];
    contact_vcard(ContactRef) -> BlockView;
    cells_copy(CellRange) -> BlockView;
    cells_size(BlockView) -> BlockSize;
    cells_paste(PasteRequest) -> PastedView, invalidates [Contacts, Facets, History, Workspace];
    bin_empty(Nothing) -> BulkDone, invalidates [Parts, Contacts, Facets, History, Workspace];
    quick_add_preview(Line) -> QuickAdd;
    sample_load(Nothing) -> Changed, invalidates [Contacts, Facets, History, Workspace];
    sample_remove(Nothing) -> Changed, invalidates [Contacts, Facets, History, Workspace];
    tag_rename(RenameTag) -> Changed, invalidates [Contacts, Facets, History];
    tag_delete(TagRef) -> Changed, invalidates [Contacts, Facets, History];
    field_create(NewField) -> Changed, invalidates [Facets, History];
    field_change(ChangeField) -> FieldChangedView, invalidates [Contacts, Facets, History];
    field_delete(FieldRef) -> Changed, invalidates [Contacts, Facets, History];
    field_promote(PromoteKey) -> Changed, invalidates [Contacts, Facets, History];
    job_stop(JobRef) -> Nothing;
    menu_show(MenuView) -> Nothing;
    desktop_tell(DoneText) -> Nothing;
    part_list(ContactRef) -> PartsView;
    part_remove(PartRef) -> Changed, invalidates [Parts, Segments, Exports, Contacts, History];
    note_put(PutNote) -> Made, invalidates [Parts, History];
    task_put(PutTask) -> Made, invalidates [Parts, History];
    task_done(PartRef) -> Changed, invalidates [Parts, History];
    task_cancel(PartRef) -> Changed, invalidates [Parts, History];
    memory_put(PutMemory) -> Made, invalidates [Parts, History];
    rating_put(PutRating) -> Made, invalidates [Parts, History];
    payment_put(PutPayment) -> Made, invalidates [Parts, History];
    avatar_set(SetAvatar) -> Changed, invalidates [Parts, History];
    space_list(Nothing) -> SpacesView;
    space_create(NewSpace) -> Made, invalidates [Parts, History];
    space_place(SpaceOnCard) -> Changed, invalidates [Parts, History];
    space_displace(SpaceOnCard) -> Changed, invalidates [Parts, History];
    file_add(AddFiles) -> Changed, invalidates [Parts, History];
    file_open(OpenFile) -> Nothing;
    file_save(SaveFile) -> Nothing;
    secret_add(AddSecret) -> Made, invalidates [Parts, History];
    secret_reveal(RevealSecret) -> Revealed;
    secret_verify(PartRef) -> Changed, invalidates [Parts, History];
    secret_revoke(PartRef) -> Changed, invalidates [Parts, History];
    permission_list(Nothing) -> PermissionsView;
    grant_list(ContactRef) -> GrantsView;
    base_put(BaseView) -> Made, invalidates [Parts, History];
    rule_put(PutRule) -> Made, invalidates [Parts, History];
    rule_confirm(PartRef) -> Changed, invalidates [Parts, History];
    text_search(SearchTexts) -> HitsView;
    conversation_messages(MessagesRequest) -> MessagesView;
    conversation_search(SearchMessages) -> FoundView;
    conversation_read(PartRef) -> Nothing, invalidates [Parts];
    conversation_claim(Claim) -> Changed, invalidates [Parts, Contacts, History];
    inbox_list(Nothing) -> WaitingView;
    lead_list(Nothing) -> LeadsView;
    lead_decide(DecideLead) -> Changed, invalidates [Privacy, Parts, Contacts, Facets, History, Workspace];
    history_list(HistoryRequest) -> HistoryView;
    history_undo(OperationRef) -> ReversalView, invalidates [Remotes, Parts, Contacts, Facets, History, Workspace];
    history_redo(OperationRef) -> ReversalView, invalidates [Remotes, Parts, Contacts, Facets, History, Workspace];
    import_plan(ImportFile) -> PlanView;
    import_run(ImportFile) -> ImportDone, invalidates [Contacts, Facets, History, Workspace];
    mail_propose(MailFile) -> MailView;
    mail_keep(KeepSenders) -> Changed, invalidates [Parts, Contacts, Facets, History, Workspace];
    recipe_list(Nothing) -> RecipesView;
    recipe_put(RecipeView) -> Made, invalidates [Exports, History];
    export_columns(Nothing) -> ExportColumns;
    export_preview(ExportFile) -> PreviewView;
    export_run(ExportFile) -> ExportReport, invalidates [Exports, Privacy];
    export_log(Nothing) -> ExportLogView;
    remote_list(Nothing) -> RemotesView;
    remote_places(FindPlaces) -> PlacesView;
    remote_add(AddRemote) -> Made, invalidates [Remotes];
    remote_manifest(ManifestText) -> ManifestView;
    remote_connect(ConnectRemote) -> Made, invalidates [Remotes];
    remote_fill(FillRemote) -> Nothing, invalidates [Remotes];
    remote_sign_in(RemoteRef) -> Nothing, invalidates [Remotes];
    remote_fetch(FetchBelongings) -> FetchedView, invalidates [Parts, Contacts, History];
    remote_set(SetRemote) -> Nothing, invalidates [Remotes];
    remote_password(RemotePassword) -> Nothing, invalidates [Remotes];
    remote_remove(RemoteRef) -> Nothing, invalidates [Remotes];
    remote_check(RemoteRef) -> CheckView;
    remote_enable(EnableRemote) -> Nothing, invalidates [Remotes];
    remote_preview(RemoteRef) -> RunPreview, invalidates [Remotes];
    remote_sync(RemoteRef) -> RunView, invalidates [Remotes, Contacts, Facets, History, Workspace];
    remote_agree(RemoteRef) -> Nothing, invalidates [Remotes];
    remote_runs(RemoteRef) -> RunsView;
    webhook_list(Nothing) -> WebhooksView;
    webhook_add(AddWebhook) -> WebhookSecret, invalidates [Webhooks];
    webhook_set(SetWebhook) -> Nothing, invalidates [Webhooks];
    webhook_turn(TurnWebhook) -> Nothing, invalidates [Webhooks];
    webhook_rotate(WebhookRef) -> WebhookSecret, invalidates [Webhooks];
    webhook_ping(WebhookRef) -> Pinged, invalidates [Webhooks];
    webhook_log(WebhookLogRequest) -> WebhookLog;
    webhook_replay(ReplayWebhook) -> Changed, invalidates [Webhooks];
    webhook_remove(WebhookRef) -> Nothing, invalidates [Webhooks];
    hint_list(Nothing) -> HintsView;
    hint_set(SetHint) -> WebhookSecret, invalidates [Webhooks];
    drop_get(Nothing) -> DropView;
    drop_set(DropView) -> Nothing, invalidates [Webhooks];
    drop_take(Nothing) -> DropTaken, invalidates [Webhooks, Parts, Contacts, Facets, History, Workspace];
    conflict_list(Nothing) -> ConflictsView;
    conflict_decide(DecideConflicts) -> Changed, invalidates [Remotes, Contacts, Facets, History];
    conflict_rule_preview(RuleRef) -> RulePreview;
    conflict_rule_set(KeepRule) -> Changed, invalidates [Remotes, Contacts, Facets, History];
    conflict_rule_remove(RuleRef) -> Nothing, invalidates [Remotes];
    aside_body(AsideRef) -> AsideBody;
    aside_decide(DecideAside) -> Changed, invalidates [Remotes];
    erasure_preview(ErasureCards) -> ErasurePreview;
    erasure_run(EraseRequest) -> Receipt,
        invalidates [
            Erasures, Privacy, Parts, Segments, Duplicates, Exports, Remotes, Webhooks, Contacts, Facets, History,
            Workspace
        ];
    erasure_list(Nothing) -> ErasuresView;
    erasure_get(ErasureRef) -> Receipt;
    erasure_save(SaveReceipt) -> SavedReceipt;
    erasure_retry(ErasureRef) -> Receipt, invalidates [Erasures, Remotes];
    erasure_letter(LetterTo) -> LetterView;
    erasure_told(DeliveryRef) -> Nothing, invalidates [Erasures];
    suppression_find(ErasureSubject) -> SuppressedView;
    suppression_lift(ErasureRef) -> Changed, invalidates [Erasures, Privacy, Remotes];
    subject_find(FindSubject) -> SubjectsView;
    dsar_preview(DsarRequest) -> DsarPreview;
    dsar_build(DsarBuild) -> DsarBuilt, invalidates [Exports, Privacy];
    dsar_verify(DsarFile) -> DsarCheck;
    // The window knows what it has just chosen: nobody has to look again.
    dsar_draft_get(RequestRef) -> DsarDraftView;
    dsar_draft_put(PutDraft) -> Nothing;
    signing_key(Nothing) -> SigningKeyView;
    request_list(Nothing) -> RequestsView;
    request_get(RequestRef) -> RequestDetailView;
    request_due(ReceivedOn) -> DueView;
    request_add(NewRequest) -> Made, invalidates [Privacy];
    request_step(StepRequest) -> RequestView, invalidates [Privacy, Contacts, Parts];
    request_extend(ExtendRequest) -> RequestView, invalidates [Privacy];
    request_letter(LetterRequest) -> RequestLetter;
    request_letter_sent(LetterRequest) -> Nothing, invalidates [Privacy];
    purpose_list(Nothing) -> PurposesView;
    purpose_put(PurposeParts) -> Made, invalidates [Privacy, Contacts, Segments];
    purpose_retire(PurposeRef) -> Nothing, invalidates [Privacy, Contacts, Segments];
    wording_add(NewWording) -> WordingView, invalidates [Privacy];
    privacy_card(ContactRef) -> PrivacyCardView;
    consent_put(ConsentRequest) -> Changed, invalidates [Privacy, Contacts, Parts, Segments, History];
    restriction_list(Nothing) -> RestrictionsView;
    restriction_put(RestrictRequest) -> Changed, invalidates [Privacy, Contacts, Parts, Segments, History];
    restriction_lift(LiftRequest) -> Changed, invalidates [Privacy, Contacts, Parts, Segments, History, Remotes];
    retention_list(Nothing) -> RetentionView;
    retention_put(RetentionParts) -> Made, invalidates [Privacy];
    retention_preview(RetentionParts) -> RetentionPreview;
    retention_on(RetentionGo) -> RetentionRunView,
        invalidates [Privacy, Erasures, Parts, Contacts, Facets, History, Exports, Workspace];
    retention_off(RetentionRef) -> Nothing, invalidates [Privacy];
    retention_run(RetentionGo) -> RetentionRunView,
        invalidates [Privacy, Erasures, Parts, Contacts, Facets, History, Exports, Workspace];
    retention_delete(RetentionRef) -> Nothing, invalidates [Privacy];
    processing_get(Nothing) -> ProcessingView;
    controller_set(ControllerView) -> Nothing, invalidates [Privacy];
    recipient_set(RecipientPlace) -> Nothing, invalidates [Privacy];
    processing_write(RegisterFile) -> Nothing;
    audit_list(AuditRequest) -> AuditLogView;
    audit_check(Nothing) -> AuditCheckView;
    audit_export(OutFile) -> AuditCheckView, invalidates [Privacy];
    breach_query(BreachRequest) -> BreachView;
    country_rule_get(Nothing) -> CountryRuleView;
    country_rule_set(CountryRuleView) -> Nothing, invalidates [Privacy, Settings];
    agent_list(Nothing) -> AgentsView;
    agent_put(PutAgent) -> Made, invalidates [Agents, Privacy];
    agent_on(AgentOn) -> Nothing, invalidates [Agents, Privacy];
    agent_off(AgentRef) -> Nothing, invalidates [Agents, Privacy];
    agent_revoke(AgentRef) -> Nothing, invalidates [Agents, Privacy];
    agent_stop(StopAgents) -> Nothing, invalidates [Agents, Privacy];
    agent_preview(AgentPreviewRequest) -> AgentPreviewView;
    agent_review(AgentRef) -> AgentReviewView;
    agent_grant(LetAgentSee) -> Made, invalidates [Agents, Privacy];
    agent_grant_end(AgentGrantRef) -> Nothing, invalidates [Agents, Privacy];
    agent_calls(AgentCallsRequest) -> AgentCallsView;
    agent_calls_export(AgentCallsFile) -> AgentCallsWritten;
    agent_config(AgentRef) -> AgentConfigView;
    proposal_list(Nothing) -> ProposalsView;
    proposal_decide(DecideProposal) -> DecidedView, invalidates [Agents, Privacy, Parts, Contacts, Facets, History];
    proposal_ask_again(AskAgain) -> Nothing, invalidates [Agents, Privacy];
    passphrase_set(Passphrase) -> Created, invalidates [Workspace];
    recovery_renew(Nothing) -> Created;
    recovery_try(WrittenDown) -> Tried;
    keychain_add(Nothing) -> Created, invalidates [Workspace];
    way_remove(WayRef) -> Nothing, invalidates [Workspace];
    key_renew(Passphrase) -> Created, invalidates [Workspace];
    session_touch(Nothing) -> Nothing;
    backup_list(Nothing) -> BackupsView;
    backup_plan(BackupPlanView) -> Nothing, invalidates [Backups];
    backup_run(BackupFile) -> BackupDone, invalidates [Backups];
    backup_check(BackupRef) -> BackupView, invalidates [Backups];
    backup_delete(BackupRef) -> Nothing, invalidates [Backups];
    kept_delete(ReplacedRef) -> Nothing, invalidates [Backups];
    restore_into(RestoreInto) -> RestoredView;
    salvage_into(SalvageInto) -> SalvagedView;
    restore_over(RestoreOver) -> RestoredView,
        invalidates [
            Backups, Remotes, Webhooks, Parts, Segments, Exports, Contacts, Facets, History, Workspace, Settings
        ];
    diagnostics_get(Nothing) -> Diagnostics;
    setting_get(SettingRef) -> SettingView;
    setting_set(SettingView) -> Nothing, invalidates [Settings];
}

/// Collects TypeScript declarations, each once.
#[derive(Default)]
struct Types {
    config: ts_rs::Config,
    declarations: BTreeMap<String, String>,
}

impl Types {
    fn add<T: TS + 'static + ?Sized>(&mut self) {
        ts_rs::TypeVisitor::visit::<T>(self);
    }

    fn name<T: TS>(&self) -> String {
        T::name(&self.config)
    }

    fn finish(self, table: &str) -> String {
        let mut text = String::from("// Made from the command table in core. Not edited by hand: `make bindings`.\n\n");
        for declaration in self.declarations.values() {
            text.push_str("export ");
            text.push_str(declaration);
            text.push_str("\n\n");
        }
        text.push_str("export interface Commands {\n");
        text.push_str(table);
        text.push_str("}\n");
        text
    }
}

impl ts_rs::TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_none() {
            // Lists and options: only what is inside them has a name.
            T::visit_generics(self);
            return;
        }
        let (name, declaration) = (T::ident(&self.config), T::decl(&self.config));
        match self.declarations.get(&name) {
            // The window would take one for the other.
            Some(known) => assert_eq!(*known, declaration, "two types are called {name}"),
            None => {
                self.declarations.insert(name, declaration);
                T::visit_dependencies(self);
            }
        }
    }
}
