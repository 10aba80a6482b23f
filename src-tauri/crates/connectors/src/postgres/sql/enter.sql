-- Whether we may work here, and how.
SELECT known.version,
       cardfile.store() AS store,
       current_user::text AS login,
       EXISTS (SELECT FROM cardfile.member WHERE workspace = $1::text AND role = current_user) AS is_member,
       version() AS engine,
       EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS is_citus,
       EXISTS (
           SELECT FROM pg_attribute
            WHERE attrelid = 'cardfile.contact'::regclass AND attname = 'change_xid' AND NOT attisdropped
       ) AS is_ordered
  FROM cardfile.schema_version AS known
