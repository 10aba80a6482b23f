SELECT cardfile.release_lease($1::text, $2::text, $3::bigint) AS is_ours
