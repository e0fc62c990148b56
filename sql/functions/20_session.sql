CREATE OR REPLACE FUNCTION api.account_json(a app.account) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', a.id, 'login', a.login, 'name', a.name, 'role', a.role, 'site_id', a.site_id, 'brand_id', a.brand_id,
    'shop_id', a.shop_id, 'courier_id', a.courier_id, 'lang', a.lang,
    'site', (SELECT jsonb_build_object('code', code, 'name', name) FROM app.site WHERE id = a.site_id))
$$;

CREATE OR REPLACE FUNCTION api.me(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql STABLE AS $$
  SELECT (200, api.account_json(a))::app.answer FROM app.account a WHERE id = (ctx->>'user_id')::uuid
$$;
