-- Makes contacts where none is. One that was deleted is made anew in its row, so that its
-- versions go on.
INSERT INTO cardfile.contact AS contact (workspace, external_id, units, stamps)
SELECT (SELECT cardfile.let_in($1::text)), asked.key, asked.put, jsonb_build_object($2::text, asked.stamp)
  FROM jsonb_to_recordset($3::text::jsonb) AS asked (key text, put jsonb, stamp bigint)
    ON CONFLICT (workspace, external_id) DO UPDATE
   SET units = excluded.units, stamps = contact.stamps || excluded.stamps, deleted_at = NULL
 WHERE contact.deleted_at IS NOT NULL
RETURNING contact.external_id,
          contact.version,
          contact.units::text AS units,
          contact.stamps ->> $2::text AS stamp,
          contact.deleted_at IS NOT NULL AS is_deleted
