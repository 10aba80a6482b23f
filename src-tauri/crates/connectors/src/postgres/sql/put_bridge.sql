SELECT cardfile.put_bridge($1::text, $2::text, $3::bigint, $4::text::jsonb) AS is_ours
