SELECT part, state::text AS state
  FROM cardfile.bridge
 WHERE workspace = (SELECT cardfile.let_in($1::text)) AND remote = $2::text
