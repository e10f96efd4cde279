-- Lists the owners of a tag with any value, newest first. A thing has a key once.
create index buffer_tags_by_key on buffer_tags (tag_key, soft_deleted, created_at, owner_id);
