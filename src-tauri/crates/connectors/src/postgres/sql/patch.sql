-- Changes contacts that are at the version they are asked to be at; the others stay.
UPDATE cardfile.contact AS contact
   SET units = (contact.units || asked.put) - asked.dropped,
       stamps = contact.stamps || jsonb_build_object($2::text, asked.stamp)
  FROM jsonb_to_recordset($3::text::jsonb)
       AS asked (key text, expect bigint, put jsonb, dropped text[], stamp bigint)
 WHERE contact.workspace = (SELECT cardfile.let_in($1::text))
   AND contact.external_id = asked.key
   AND contact.deleted_at IS NULL
   AND (asked.expect IS NULL OR contact.version = asked.expect)
RETURNING contact.external_id,
          contact.version,
          contact.units::text AS units,
          contact.stamps ->> $2::text AS stamp,
          contact.deleted_at IS NOT NULL AS is_deleted
