-- Times are microseconds since 1970, UTC. The same text serves SQLite and PostgreSQL.
create table buffers (
    id           varchar(63) not null primary key,
    created_at   bigint      not null,
    expires_at   bigint,
    soft_deleted smallint    not null default 0
);

create index buffers_by_age on buffers (soft_deleted, created_at, id);
create index buffers_by_expiry on buffers (expires_at);

create table buffer_tags (
    buffer_id varchar(63)  not null references buffers (id) on delete cascade,
    tag_key   varchar(128) not null,
    tag_value varchar(256) not null,
    primary key (buffer_id, tag_key)
);

create index buffer_tags_by_value on buffer_tags (tag_key, tag_value, buffer_id);
