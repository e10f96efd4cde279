-- The runs that have succeeded and of which it is known what was executed. Both columns are digests; that of the inputs is
-- null until it is asked for.
create table run_answers (
    run_id  bigint      not null primary key references runs (id),
    program varchar(64) not null,
    inputs  varchar(64)
);

create index run_answers_by_inputs on run_answers (program, inputs, run_id);

-- What complete buffers hold, as far as it was asked for. A buffer is written once, so this never changes.
create table buffer_digests (
    buffer_id varchar(63) not null primary key references buffers (id) on delete cascade,
    size      bigint      not null,
    sha256    varchar(64) not null
);
