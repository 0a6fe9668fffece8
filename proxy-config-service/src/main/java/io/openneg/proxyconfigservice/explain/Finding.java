package io.openneg.proxyconfigservice.explain;

/**
 * One link of a chain.
 *
 * @param resource the name of what it is about
 * @param text for people
 * @param advice what to do; empty when it holds, or when there is nothing to do but wait
 */
public record Finding(String resource, boolean holds, String text, String advice) {}
