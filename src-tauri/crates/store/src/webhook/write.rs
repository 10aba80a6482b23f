//! What is written of webhooks and their messages.

use super::{VOID, WEBHOOK, Webhook, WebhookMessage, WebhookRow, listed, put, release};
use crate::{contact::ContactRow, error::StoreError, write::Tx};
use cardfile_domain::Millis;
use rusqlite::params;

/// Not part of the history: what was told stays told.
impl Tx<'_> {
    /// Keeps a webhook: a new one when its number is 0. Gives its number.
    pub fn put_webhook(&mut self, webhook: &Webhook) -> Result<WebhookRow, StoreError> {
        self.db
            .prepare_cached(&format!(
                "INSERT INTO webhook ({WEBHOOK})
                 VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
                 ON CONFLICT (webhook) DO UPDATE SET name = excluded.name, url = excluded.url,
                     events = excluded.events, mapping = excluded.mapping, state = excluded.state,
                     failures = excluded.failures, failing_since = excluded.failing_since, next_at = excluded.next_at,
                     heard_at = excluded.heard_at, status = excluded.status"
            ))?
            .execute(params![
                webhook.row,
                webhook.id,
                webhook.name,
                webhook.url,
                listed(&webhook.events),
                webhook.mapping.to_string(),
                webhook.state,
                webhook.failures,
                webhook.failing_since.map(|at| at.0),
                webhook.next_at.map(|at| at.0),
                webhook.heard_at.map(|at| at.0),
                webhook.status,
                webhook.created_at.0
            ])?;
        Ok(if webhook.row == 0 { self.db.last_insert_rowid() } else { webhook.row })
    }

    /// Takes a webhook away with all of its messages.
    pub fn delete_webhook(&mut self, row: WebhookRow) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM webhook WHERE webhook = ?1", [row])?;
        Ok(())
    }

    /// Keeps a message: a new one when its number is 0.
    pub fn put_webhook_message(&mut self, message: &WebhookMessage) -> Result<(), StoreError> {
        put(self.db, message)?;
        Ok(())
    }

    /// Takes out a message that has nothing to say any more.
    pub fn delete_webhook_message(&mut self, message: i64) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM webhook_message WHERE message = ?1")?.execute([message])?;
        Ok(())
    }

    /// Takes out what waits of operations that were taken back: it never happened.
    pub fn void_webhook_messages(&mut self) -> Result<(), StoreError> {
        let sql = format!(
            "DELETE FROM webhook_message WHERE message IN (SELECT m.message FROM webhook_message m WHERE {VOID})"
        );
        self.db.prepare_cached(&sql)?.execute([])?;
        Ok(())
    }

    /// Gives up what a webhook was to be told before a moment. Gives how many.
    pub fn bury_webhook_messages(&mut self, webhook: WebhookRow, before: Millis) -> Result<u32, StoreError> {
        let now = self.now();
        let buried = self
            .db
            .prepare_cached(
                "UPDATE webhook_message SET state = 'dead', next_at = NULL, ended_at = ?3
                  WHERE webhook = ?1 AND state = 'waiting' AND at <= ?2",
            )?
            .execute(params![webhook, before.0, now.0])?;
        Ok(u32::try_from(buried).unwrap_or(u32::MAX))
    }

    /// Tries everything again that was given up for a webhook. Gives how many.
    pub fn revive_webhook_messages(&mut self, webhook: WebhookRow) -> Result<u32, StoreError> {
        let now = self.now();
        let revived = self
            .db
            .prepare_cached(
                "UPDATE webhook_message
                    SET state = 'waiting', attempts = 0, tried_at = NULL, next_at = ?2, ended_at = NULL
                  WHERE webhook = ?1 AND state = 'dead'",
            )?
            .execute(params![webhook, now.0])?;
        Ok(u32::try_from(revived).unwrap_or(u32::MAX))
    }

    /// Whoever did not answer does again: nothing has to wait any longer.
    pub fn hurry_webhook_messages(&mut self, webhook: WebhookRow) -> Result<(), StoreError> {
        let now = self.now();
        self.db
            .prepare_cached(
                "UPDATE webhook_message SET next_at = ?2 WHERE webhook = ?1 AND state = 'waiting' AND next_at > ?2",
            )?
            .execute(params![webhook, now.0])?;
        Ok(())
    }

    /// What waits of a contact that was restricted is looked at again now; what was tried in
    /// vain keeps its pause.
    pub fn release_webhook_messages(&mut self, contact: ContactRow) -> Result<(), StoreError> {
        if let Some(stored) = self.read().contacts().get(contact)? {
            release(self.db, stored.contact.id.as_str(), self.now())?;
        }
        Ok(())
    }

    /// Forgets what a webhook took before a moment, and all but so many of what it took last.
    pub fn thin_webhook_messages(&mut self, webhook: WebhookRow, before: Millis, most: u32) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "DELETE FROM webhook_message
                  WHERE webhook = ?1 AND state = 'done'
                    AND (ended_at < ?2
                         OR message < (SELECT message FROM webhook_message WHERE webhook = ?1 AND state = 'done'
                                        ORDER BY message DESC LIMIT 1 OFFSET ?3))",
            )?
            .execute(params![webhook, before.0, most.saturating_sub(1)])?;
        Ok(())
    }

    /// Takes out every message about a person: by our ids of their cards.
    pub(crate) fn forget_webhook_messages<'i>(
        &mut self,
        ids: impl Iterator<Item = &'i String>,
    ) -> Result<(), StoreError> {
        let mut statement = self.db.prepare_cached("DELETE FROM webhook_message WHERE subject = ?1 OR other = ?1")?;
        for id in ids {
            statement.execute([id])?;
        }
        Ok(())
    }
}
