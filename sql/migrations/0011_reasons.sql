-- Reasons under the names the solver gives them, and one of the planner's own.
UPDATE app.reason r SET reason = n.new FROM (VALUES ('window', 'window_unreachable'), ('range', 'out_of_range'), ('resource', 'resource_full'),
  ('limit', 'route_limits'), ('prize', 'not_worth_it'), ('alternative', 'alternative_served')) n (old, new) WHERE r.reason = n.old;
INSERT INTO app.reason VALUES ('no_road', '没有道路可以到达', 'No road leads there');
