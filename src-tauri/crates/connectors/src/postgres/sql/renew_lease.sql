SELECT cardfile.renew_lease($1::text, $2::text, $3::bigint, $4::bigint::integer) AS is_ours
