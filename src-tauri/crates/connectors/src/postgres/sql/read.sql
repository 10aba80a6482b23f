SELECT contact.external_id,
       contact.version,
       contact.units::text AS units,
       contact.stamps ->> $2::text AS stamp,
       contact.deleted_at IS NOT NULL AS is_deleted
  FROM cardfile.contact
 WHERE contact.workspace = (SELECT cardfile.let_in($1::text)) AND contact.external_id = ANY ($3::text[])
