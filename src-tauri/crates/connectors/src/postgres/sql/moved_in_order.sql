-- What moved after a cursor, as far as nothing can be committed before it any more. There is
-- always a row: it says as well whether the cursor, or the table, is from another numbering
-- of transactions, as after a restore.
SELECT feed.is_ahead, feed.is_copied, page.*
  FROM (SELECT $2::text::xid8 >= pg_snapshot_xmin(pg_current_snapshot()) AS is_ahead,
               coalesce((SELECT contact.change_xid
                           FROM cardfile.contact
                          WHERE contact.workspace = (SELECT cardfile.let_in($1::text))
                          ORDER BY contact.change_xid DESC
                          LIMIT 1) >= pg_snapshot_xmax(pg_current_snapshot()), false) AS is_copied) AS feed
  LEFT JOIN (SELECT contact.external_id,
                    contact.version,
                    contact.units::text AS units,
                    contact.stamps ->> $4::text AS stamp,
                    contact.deleted_at IS NOT NULL AS is_deleted,
                    contact.change_xid::text AS xid,
                    contact.change_seq AS seq
               FROM cardfile.contact
              WHERE contact.workspace = (SELECT cardfile.let_in($1::text))
                AND contact.change_xid < pg_snapshot_xmin(pg_current_snapshot())
                AND (contact.change_xid, contact.change_seq) > ($2::text::xid8, $3::bigint)
              ORDER BY contact.change_xid, contact.change_seq
              LIMIT $5::bigint) AS page ON true
