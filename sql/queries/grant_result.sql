-- What a grant came to; $1 grant, $2 now, $3 result, $4 why
SELECT status, body FROM api.grant_result($1::uuid, $2::timestamptz, $3::text, $4::text);
