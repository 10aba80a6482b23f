-- From when to when is read, by the clock of the server. The window reaches back before the
-- cursor: a change may be committed after a later one, and clocks of nodes differ. What took
-- even longer is found once a day, when everything is listed.
SELECT to_char(clock.now AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS until,
       to_char((nullif($1::text, '')::timestamptz - interval '5 minutes') AT TIME ZONE 'UTC',
               'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS since,
       coalesce(clock.now >= nullif($2::text, '')::timestamptz + interval '1 day', true) AS is_complete
  FROM (SELECT clock_timestamp() AS now) AS clock
