-- Networks, subnetworks, instances and instance groups as they are now. The contents are the published messages
-- without fingerprints and tokens; version is that of the stream, which a subnetwork shares with its network.
-- The references and exclusions here decide every race between commands on different streams (docs/adr/0008). They
-- can be deferred, because a rebuild replays transactions in the order in which they began to write.
CREATE TABLE network (
  name    text   COLLATE "C" PRIMARY KEY,
  id      bigint NOT NULL UNIQUE,
  content bytea  NOT NULL,
  version bigint NOT NULL,
  UNIQUE (name, id)
);

CREATE TABLE subnetwork (
  name      text    COLLATE "C" PRIMARY KEY,
  network   text    COLLATE "C" NOT NULL REFERENCES network (name) DEFERRABLE,
  region    text    NOT NULL,
  automatic boolean NOT NULL,
  content   bytea   NOT NULL,
  version   bigint  NOT NULL,
  UNIQUE (name, network)
);

CREATE INDEX subnetwork_network ON subnetwork (network);

-- The primary range has the name ''.
CREATE TABLE subnetwork_range (
  subnetwork text COLLATE "C" NOT NULL REFERENCES subnetwork (name) ON DELETE CASCADE DEFERRABLE,
  range_name text NOT NULL,
  range      cidr NOT NULL,
  PRIMARY KEY (subnetwork, range_name)
);

CREATE TABLE instance (
  name    text   COLLATE "C" PRIMARY KEY,
  -- That of its first interface, which counts in instance groups.
  network text   COLLATE "C" NOT NULL,
  content bytea  NOT NULL,
  version bigint NOT NULL,
  UNIQUE (name, network)
);

-- Every address that an interface has, as ranges: its primary address, and its aliases. An address belongs to one
-- interface of a network.
CREATE TABLE instance_range (
  instance   text    COLLATE "C" NOT NULL REFERENCES instance (name) ON DELETE CASCADE DEFERRABLE,
  network    text    COLLATE "C" NOT NULL,
  network_id bigint  NOT NULL,
  subnetwork text    COLLATE "C" NOT NULL,
  range_name text    NOT NULL,
  range      cidr    NOT NULL,
  is_primary boolean NOT NULL,
  PRIMARY KEY (instance, network, range),
  FOREIGN KEY (network, network_id) REFERENCES network (name, id) DEFERRABLE,
  FOREIGN KEY (subnetwork, network) REFERENCES subnetwork (name, network) DEFERRABLE,
  FOREIGN KEY (subnetwork, range_name) REFERENCES subnetwork_range (subnetwork, range_name) DEFERRABLE,
  CONSTRAINT instance_range_one_owner EXCLUDE USING gist
    ((int8range(network_id, network_id, '[]')) WITH &&, range inet_ops WITH &&) DEFERRABLE
);

CREATE INDEX instance_range_subnetwork ON instance_range (subnetwork, range_name);
CREATE INDEX instance_range_network ON instance_range (network);

CREATE TABLE instance_group (
  name    text   COLLATE "C" PRIMARY KEY,
  content bytea  NOT NULL,
  version bigint NOT NULL
);

CREATE TABLE instance_group_member (
  instance_group text COLLATE "C" NOT NULL REFERENCES instance_group (name) ON DELETE CASCADE DEFERRABLE,
  instance       text COLLATE "C" NOT NULL,
  network        text COLLATE "C" NOT NULL,
  PRIMARY KEY (instance_group, instance),
  FOREIGN KEY (instance, network) REFERENCES instance (name, network) DEFERRABLE
);

CREATE INDEX instance_group_member_instance ON instance_group_member (instance);

-- Null in groups from before networks were known, and the subnetwork also in groups without instances.
ALTER TABLE neg
  ADD COLUMN network_id bigint,
  ADD COLUMN subnetwork text COLLATE "C" REFERENCES subnetwork (name) DEFERRABLE,
  ADD FOREIGN KEY (network, network_id) REFERENCES network (name, id) DEFERRABLE;

CREATE INDEX neg_network ON neg (network) WHERE network_id IS NOT NULL;
CREATE INDEX neg_subnetwork ON neg (subnetwork) WHERE subnetwork IS NOT NULL;

-- Which range of which interface an endpoint has its address from; null without an instance, and in endpoints from
-- before instances were known.
ALTER TABLE neg_endpoint
  ADD COLUMN instance_name text COLLATE "C",
  ADD COLUMN network       text COLLATE "C",
  ADD COLUMN range         cidr,
  ADD FOREIGN KEY (instance_name, network, range) REFERENCES instance_range (instance, network, range) DEFERRABLE;

CREATE INDEX neg_endpoint_instance ON neg_endpoint (instance_name, network, range) WHERE instance_name IS NOT NULL;

-- Null in those from before instances were known.
ALTER TABLE neg_checkpoint ADD COLUMN ranges cidr[];
