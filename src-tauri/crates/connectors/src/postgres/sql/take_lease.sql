SELECT cardfile.take_lease($1::text, $2::text, $3::text, $4::bigint::integer) AS epoch
