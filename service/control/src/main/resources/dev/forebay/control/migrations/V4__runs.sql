-- The last number that a run got; creations take turns at this row.
create table run_numbers (
    latest bigint not null
);

insert into run_numbers (latest) values (0);

create table runs (
    id            bigint   not null primary key,
    created_at    bigint   not null,
    started_at    bigint,
    finished_at   bigint,
    status        smallint not null,
    reason        text,
    running_count integer,
    content       text     not null
);

create index runs_by_age on runs (status, created_at, id);
create index runs_by_end on runs (status, finished_at, id) where finished_at is not null;

-- Tags, and under keys that no tag can have the codespec. A label repeats the status and the age of its run, so that the
-- primary key lists the runs of one label and status, newest first.
create table run_labels (
    label_key   varchar(128) not null,
    label_value varchar(300) not null,
    status      smallint     not null,
    created_at  bigint       not null,
    run_id      bigint       not null references runs (id),
    primary key (label_key, label_value, status, created_at, run_id)
) ${clustered};

create index run_labels_by_key on run_labels (label_key, status, created_at, run_id);
create unique index run_labels_by_run on run_labels (run_id, label_key);

-- A client that repeats a creation with the same key gets the same run.
create table run_keys (
    client_key varchar(255) not null primary key,
    run_id     bigint       not null references runs (id)
);
