package io.openneg.edgeproxy.admin;

import io.openneg.edgeproxy.http.HttpStats;
import io.openneg.edgeproxy.tcp.TcpStats;
import io.openneg.edgeproxy.xds.XdsStats;

/** All that is counted in this proxy. */
public record Counters(XdsStats xds, HttpStats http, TcpStats tcp) {}
