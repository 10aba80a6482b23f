-- What moved in a window, after a place in it. What moves while it is read is in the next one.
SELECT contact.external_id,
       contact.version,
       contact.units::text AS units,
       contact.stamps ->> $5::text AS stamp,
       contact.deleted_at IS NOT NULL AS is_deleted,
       to_char(contact.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
  FROM cardfile.contact
 WHERE contact.workspace = (SELECT cardfile.let_in($1::text))
   AND (contact.updated_at, contact.external_id) > ($2::text::timestamptz, $3::text)
   AND contact.updated_at <= $4::text::timestamptz
 ORDER BY contact.updated_at, contact.external_id
 LIMIT $6::bigint
