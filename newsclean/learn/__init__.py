"""What comes back on the articles of a site: counted shard by shard, merged once, written as a rule pack."""
