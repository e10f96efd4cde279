-- Lists the owners of a tag with any value, newest first. A thing has a key once. The key is an expression, so that only
-- searches for any value read this index: PostgreSQL would also take it for those that name a value.
create index buffer_tags_by_key on buffer_tags ((tag_key || ''), soft_deleted, created_at, owner_id);
