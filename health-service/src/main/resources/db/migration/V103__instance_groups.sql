-- Instance groups are backends, too: in a column named neg may be the name of one.

-- Which named port of instance groups the service uses.
ALTER TABLE backend_service ADD COLUMN port_name text NOT NULL DEFAULT '';

CREATE TABLE named_port (
  instance_group text NOT NULL,
  name           text NOT NULL,
  port           int  NOT NULL,
  PRIMARY KEY (instance_group, name, port)
);

-- Which endpoints each backend service has: all of its network endpoint groups; of an instance group, which has an endpoint
-- for each of its ports, those with the name that the service says.
CREATE VIEW backend_endpoint AS
SELECT s.name AS backend_service, s.health_check, s.draining_sec,
  e.neg, e.ip, e.port, e.instance, e.attached_version
FROM backend_service s
JOIN backend b ON b.backend_service = s.name
JOIN endpoint e ON e.neg = b.neg
WHERE e.neg NOT LIKE '%/instanceGroups/%'
  OR EXISTS (
    SELECT FROM named_port p
    WHERE p.instance_group = e.neg AND p.name = s.port_name AND p.port = e.port);
