-- Empties contacts that are at the version they are asked to be at, and marks them as deleted.
UPDATE cardfile.contact AS contact
   SET units = '{}',
       stamps = contact.stamps || jsonb_build_object($2::text, asked.stamp),
       deleted_at = clock_timestamp()
  FROM jsonb_to_recordset($3::text::jsonb) AS asked (key text, expect bigint, stamp bigint)
 WHERE contact.workspace = (SELECT cardfile.let_in($1::text))
   AND contact.external_id = asked.key
   AND contact.deleted_at IS NULL
   AND (asked.expect IS NULL OR contact.version = asked.expect)
RETURNING contact.external_id,
          contact.version,
          contact.units::text AS units,
          contact.stamps ->> $2::text AS stamp,
          contact.deleted_at IS NOT NULL AS is_deleted
