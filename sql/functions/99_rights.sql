-- Last, so that it covers every function above.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app, api TO yizhan_app;
