SELECT contact.external_id
  FROM cardfile.contact
 WHERE contact.workspace = (SELECT cardfile.let_in($1::text)) AND contact.deleted_at IS NULL
