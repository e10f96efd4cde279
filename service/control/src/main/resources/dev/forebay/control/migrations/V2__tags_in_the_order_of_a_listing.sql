-- A tag repeats the state and the age of its owner, so that its primary key lists the owners of one tag, newest first.
-- ${clustered} makes the primary key the table itself on SQLite; PostgreSQL has no such table.
create table buffer_tags_v2 (
    tag_key      varchar(128) not null,
    tag_value    varchar(256) not null,
    soft_deleted smallint     not null,
    created_at   bigint       not null,
    owner_id     varchar(63)  not null references buffers (id) on delete cascade,
    primary key (tag_key, tag_value, soft_deleted, created_at, owner_id)
) ${clustered};

insert into buffer_tags_v2 (tag_key, tag_value, soft_deleted, created_at, owner_id)
select t.tag_key, t.tag_value, b.soft_deleted, b.created_at, t.buffer_id
from buffer_tags t join buffers b on b.id = t.buffer_id
order by t.tag_key, t.tag_value, b.soft_deleted, b.created_at, t.buffer_id;

drop table buffer_tags;
alter table buffer_tags_v2 rename to buffer_tags;
create unique index buffer_tags_by_owner on buffer_tags (owner_id, tag_key);

drop index buffers_by_expiry;
create index buffers_by_expiry on buffers (soft_deleted, expires_at) where expires_at is not null;
