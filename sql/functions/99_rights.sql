-- Last, so that it covers every function above.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app, api TO yizhan_app;

-- Many short statements whose plans look dear: compiling them costs ten times what it saves.
DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'api' AND p.prokind = 'f' LOOP
    EXECUTE format('ALTER FUNCTION %s SET jit = off', f);
  END LOOP;
END $$;
