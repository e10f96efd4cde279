-- Names are compared byte by byte: ${bytewise} says so to PostgreSQL; SQLite does nothing else.
create table codespec_names (
    name   varchar(255) ${bytewise} not null primary key,
    latest integer      not null
);

-- A version is never changed.
create table codespecs (
    name       varchar(255) ${bytewise} not null references codespec_names (name),
    version    integer      not null,
    created_at bigint       not null,
    content    text         not null,
    primary key (name, version)
);

-- Tags belong to the name, not to a version.
create table codespec_tags (
    tag_key   varchar(128) not null,
    tag_value varchar(256) not null,
    name      varchar(255) ${bytewise} not null references codespec_names (name) on delete cascade,
    primary key (tag_key, tag_value, name)
) ${clustered};

create unique index codespec_tags_by_name on codespec_tags (name, tag_key);
